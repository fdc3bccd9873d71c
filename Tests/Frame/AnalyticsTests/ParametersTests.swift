import Foundation
import JSON
import ProcessSupport
import Records
import Scene
import Testing

@testable import Analytics

struct ParametersTests {
    static let catalogue = Result {
        try AnalyticCatalogue(
            directory: analyticsFolder,
            abilities: Abilities(
                findsFaces: true, estimates: [.emotions, .eyes, .gaze, .mouth, .basicAttributes, .landmarks68]))
    }

    @Test(arguments: ParametersCase.all)
    func parametersAreAcceptedOrRefusedByPath(example: ParametersCase) throws {
        let entry = try #require(try Self.catalogue.get()[example.analytic])
        let reader = try JSONReader(text: example.text)
        do throws(JSONViolation) {
            #expect(try entry.prepare(reader) != nil)
            #expect(example.violation == nil)
        } catch { #expect(error == example.violation) }
    }

    @Test(arguments: [
        (
            #"{"parameters": {"tracking": {"detector_type": "face"}}}"#, "parameters.tracking.detector_type", "face",
            "body"
        ),
        (
            #"{"parameters": {"tracking": {"detector_type": "human"}}}"#, "parameters.tracking.detector_type", "human",
            "body"
        ),
        (#"{"targets": ["overview", "head_pose"]}"#, "targets.1", "head_pose", "body_detection"),
        (#"{"targets": ["face_detection"]}"#, "targets.0", "face_detection", "body_detection"),
    ])
    func whatNeedsAModelOfFacesIsRefusedWhereThereIsNone(text: String, path: String, name: String, other: String) throws
    {
        let entry = try #require(try AnalyticCatalogue(directory: analyticsFolder)["human_tracking"])
        #expect(
            throws: JSONViolation(
                path: path,
                message: "'\(name)' needs a face detector, which this server does not have; use '\(other)'",
                lack: "Face detection")
        ) { try entry.prepare(JSONReader(text: text)) }
    }

    @Test func facesAreFollowedByTheirOwnModelAndTargets() throws {
        let faces = Abilities(findsFaces: true)
        let plain = try HumanTrackingParameters(
            JSONReader(text: #"{"parameters": {"tracking": {"detector_type": "face"}}}"#), faces)
        #expect(plain.targets == [.faceDetection] && HumanTracking(parameters: plain).requirements.model == .faces)
        let text = #"""
            {"targets": ["face_detection", "landmarks5", "head_pose", "overview"], "parameters": {"tracking": {"detector_type": "face"},
             "face_samples": {"filters": {"score": 0.5, "head_yaw": 40}}}}
            """#
        let whole = try HumanTrackingParameters(JSONReader(text: text), faces)
        #expect(whole.targets == [.faceDetection, .landmarks5, .headPose, .overview] && whole.faceSamples.score == 0.5)
        #expect(whole.faceSamples.pose == HeadPose(yaw: 40, pitch: 15, roll: 15))
    }

    @Test(arguments: [
        ("emotions", "a model of emotions", "Emotions"), ("eyes", "a model of eyes", "Eyes attributes"),
        ("gaze", "a model of eyes", "Gaze"), ("mouth", "a model of mouths", "Mouth attributes"),
        ("aggregated_face_basic_attributes", "models of age and gender", "Basic attributes"),
    ])
    func whatIsEstimatedOfFacesIsRefusedWhereThereIsNoModelOfIt(name: String, need: String, feature: String) throws {
        let reader = try JSONReader(text: #"{"targets": ["face_detection", "\#(name)"]}"#)
        #expect(
            throws: JSONViolation(
                path: "targets.1", message: "'\(name)' needs \(need), which this server does not have", lack: feature)
        ) { try HumanTrackingParameters(reader, Abilities(findsFaces: true)) }
        let all = FaceEstimateSet([.emotions, .eyes, .gaze, .mouth, .basicAttributes])
        let parameters = try HumanTrackingParameters(reader, Abilities(findsFaces: true, estimates: all))
        #expect(HumanTracking(parameters: parameters).requirements.estimates.isSubset(of: all))
        #expect(!HumanTracking(parameters: parameters).requirements.estimates.isEmpty)
    }

    @Test(arguments: [
        (#"["face_detection"]"#, "face", false), (#"["face_detection", "head_pose"]"#, "face", true),
        (#"["landmarks5"]"#, "human", true), (#"["ags"]"#, "face", true),
        (#"["aggregated_face_samples"]"#, "face", true),
        (#"["overview"]"#, "face", true), (#"["overview"]"#, "body", false), (#"["body_detection"]"#, "human", false),
    ])
    func facesAreLookedAtCloserForWhatComesOfTheirPoints(targets: String, type: String, isWanted: Bool) throws {
        let text = #"{"targets": \#(targets), "parameters": {"tracking": {"detector_type": "\#(type)"}}}"#
        for findsFacePoints in [false, true] {
            let parameters = try HumanTrackingParameters(
                JSONReader(text: text), Abilities(findsFaces: true, findsFacePoints: findsFacePoints))
            let requirements = HumanTracking(parameters: parameters).requirements
            #expect(requirements.findsFacePoints == (isWanted && findsFacePoints))
        }
    }

    @Test func peopleAreFollowedByBothAtOnceAndHaveTheTargetsOfBoth() throws {
        let text = #"""
            {"targets": ["face_detection", "body_detection", "aggregated_body_samples"],
             "parameters": {"tracking": {"detector_type": "human"}, "model": "fast"}}
            """#
        let parameters = try HumanTrackingParameters(JSONReader(text: text), Abilities(findsFaces: true))
        let requirements = HumanTracking(parameters: parameters).requirements
        #expect(requirements.model == .people(.fast) && requirements.findsFaces)
        let plain = #"{"parameters": {"tracking": {"detector_type": "human"}}}"#
        #expect(
            try HumanTrackingParameters(JSONReader(text: plain), Abilities(findsFaces: true)).targets
                == [.faceDetection])
        let inForce = parameters.inForce["parameters"]
        #expect(inForce?["tracking"] == ["detector_type": "human"])
        #expect(inForce?["face_samples"] != nil && inForce?["body_samples"] != nil)
    }

    @Test func aPathBeginsWhereTheReaderStands() throws {
        let reader = JSONReader(
            ["parameters": ["rate": ["unit": "frame", "period": 0]]], path: "analytics.0.parameters")
        #expect(
            throws: JSONViolation(
                path: "analytics.0.parameters.parameters.rate.period",
                message: "Input should be greater than or equal to 1")
        ) { try PeopleCountParameters(reader) }
    }

    @Test func theSchemasAgreeWithTheParser() async throws {
        guard SchemaChecker.isAvailable else { return }  // python's jsonschema is not installed
        let catalogue = try Self.catalogue.get()
        for entry in catalogue.entries {
            let cases = ParametersCase.all.filter { $0.analytic == entry.name }
            let verdicts = try SchemaChecker.verdicts(
                schema: try #require(entry.validationSchema),
                documents: try cases.map { try JSONReader(text: $0.text).value } + [entry.defaultParameters])
            #expect(verdicts.last == true)
            for (example, verdict) in zip(cases, verdicts) where verdict != example.isValidBySchema {
                Issue.record("the schema of \(entry.name) says \(verdict) of \(example.text)")
            }
        }
    }

    @Test func theDefaultsOfTheSchemasAreThoseOfTheParser() throws {
        let catalogue = try Self.catalogue.get()
        let peopleCount = try #require(catalogue["people_count"]), tracking = try #require(catalogue["human_tracking"])
        #expect(try PeopleCountParameters(JSONReader(peopleCount.defaultParameters)) == PeopleCountParameters())
        #expect(
            try HumanTrackingParameters(JSONReader(tracking.defaultParameters), Abilities(findsFaces: true))
                == HumanTrackingParameters())
        #expect(peopleCount.defaultParameters["parameters"]?["rate"] == ["unit": "frame", "period": 10])
        #expect(tracking.defaultParameters["parameters"]?["tracking"] == ["detector_type": "face", "body_reid": 0])
        #expect(tracking.defaultParameters["targets"] == ["face_detection"])
        let filters = tracking.defaultParameters["parameters"]?["face_samples"]?["filters"]
        #expect(
            filters?.object?.mapValues(\.double) == ["score": 0.6, "head_yaw": 15, "head_pitch": 15, "head_roll": 15])
    }

    @Test func withoutAModelOfFacesPeopleAreFollowedByTheirBodies() throws {
        let tracking = try #require(try AnalyticCatalogue(directory: analyticsFolder)["human_tracking"])
        let parameters = try HumanTrackingParameters(JSONReader(tracking.defaultParameters))
        #expect(parameters.detectorType == .body && parameters.targets == [.bodyDetection])
        #expect(try HumanTrackingParameters(JSONReader(text: "{}")) == parameters)
        #expect(tracking.defaultParameters["parameters"]?["tracking"]?["detector_type"] == "body")
        guard SchemaChecker.isAvailable else { return }  // python's jsonschema is not installed
        let schema = try #require(tracking.validationSchema)
        let documents = [
            "{}", #"{"targets": ["aggregated_body_samples"], "parameters": {"model": "fast"}}"#,
            #"{"targets": ["face_detection"]}"#, #"{"parameters": {"tracking": {"detector_type": "face"}}}"#,
        ].map { try? JSONReader(text: $0).value }
        #expect(
            try SchemaChecker.verdicts(schema: schema, documents: documents.compactMap { $0 })
                == [true, true, false, false])
    }

    @Test func theValuesArriveInTheParameters() throws {
        let text = #"""
            {"targets": ["overview"], "parameters": {"probe_count": 7, "people_count_threshold": 4, "rate": {"unit": "second", "period": 0.5},
              "image_retain_policy": {"mimetype": "PNG", "quality": 0.25, "max_size": 9223372036854775807, "ttl": 90},
              "roi": {"mode": "percent", "x": 1, "y": 2.5, "width": 3, "height": 4}, "event_policy": {"trigger": "period", "interval": 2}, "model": "fast"},
             "callbacks": [{"type": "http", "url": "https://a/b", "params": {"timeout": 5, "headers": {"X": "y"}}}, {"type": "luna-event", "enable": 0}]}
            """#
        let parameters = try PeopleCountParameters(JSONReader(text: text)), shared = parameters.shared
        #expect(parameters.targets == [.overview] && shared.probeCount == 7 && parameters.peopleCountThreshold == 4)
        #expect(shared.rate == .seconds(0.5) && shared.eventPolicy == .period(2))
        #expect(shared.model == .fast && PeopleCount(parameters: parameters).requirements.model == .people(.fast))
        #expect(
            shared.snapshotPolicy
                == SnapshotPolicy(
                    mediaType: .png, quality: 0.25, maximumSize: 65_536, lifetime: Lifetime(days: 90)))
        #expect(shared.roi == .percent(x: 1, y: 2.5, width: 3, height: 4))
        let callbacks = shared.callbacks
        #expect(callbacks.map(\.kind) == [.http, .generalEvent] && callbacks.map(\.isEnabled) == [true, false])
        #expect(callbacks[0].endpoint?.url == "https://a/b" && callbacks[0].endpoint?.timeout == 5)
        #expect(callbacks[0].endpoint?.headers == ["X": "y"] && callbacks[0].endpoint?.contentType == .json)
    }
}

/// Python's `jsonschema`, where it is installed.
enum SchemaChecker {
    static let isAvailable = (try? ChildProcess.output(of: ["python3", "-c", "import jsonschema"])) != nil

    /// Whether each document is valid; throws when `schema` itself is none.
    static func verdicts(schema: JSONValue, documents: [JSONValue]) throws -> [Bool] {
        let script = """
            import json, sys, jsonschema
            task = json.load(sys.stdin)
            jsonschema.Draft202012Validator.check_schema(task["schema"])
            validator = jsonschema.Draft202012Validator(task["schema"])
            print(json.dumps([validator.is_valid(document) for document in task["documents"]]))
            """
        let output = try ChildProcess.output(
            of: ["python3", "-c", script],
            input: JSONValue.object(["schema": schema, "documents": .array(documents)]).data)
        return try JSONValue(parsing: output).array?.compactMap(\.bool) ?? []
    }
}
