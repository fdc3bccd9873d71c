import Foundation
import JSON
import Records
import Scene
import Testing

@testable import Analytics

/// A stream's `analytics[].parameters` and what becomes of it.
struct ParametersCase: CustomTestStringConvertible, Sendable {
    var analytic: String
    var text: String
    /// `nil`: accepted.
    var violation: JSONViolation?
    /// Whether the JSON Schema accepts it; differs from the parser only where a schema cannot say what the parser checks.
    var isValidBySchema: Bool
    var testDescription: String { "\(analytic) \(text.prefix(120))" }

    static func good(_ analytic: String, _ text: String) -> Self {
        Self(analytic: analytic, text: text, violation: nil, isValidBySchema: true)
    }
    static func bad(
        _ analytic: String, _ text: String, _ path: String, _ message: String, isValidBySchema: Bool = false
    ) -> Self {
        Self(
            analytic: analytic, text: text, violation: JSONViolation(path: path, message: message),
            isValidBySchema: isValidBySchema)
    }

    static func parameters(_ text: String) -> String { #"{"parameters": {\#(text)}}"# }
    static func area(_ points: String) -> String {
        #""droi": {"mode": "percent", "form": "common", "area": \#(points)}"#
    }
    static let triangle = #"[[{"x": 0, "y": 0}, {"x": 99.5, "y": 0}, {"x": 0, "y": 100}]]"#
    static let http = #""type": "http", "url": "http://127.0.0.1:8080/cb""#

    /// What both analytics share.
    static func shared(_ name: String) -> [Self] {
        let inner = "parameters", roi = "parameters.roi"
        return [
            good(name, "{}"),
            good(name, #"{"targets": [], "callbacks": [], "parameters": {}}"#),
            good(name, parameters(#""roi": null"#)),
            good(name, parameters(#""roi": {"mode": "abs", "x": 0, "y": 0, "width": 65536, "height": 1}"#)),
            good(name, parameters(#""roi": {"mode": "percent", "x": 33.3, "y": 0, "width": 66.7, "height": 100}"#)),
            good(name, parameters(#""rate": {"unit": "frame", "period": 1}"#)),
            good(name, parameters(#""rate": {"unit": "frame", "period": 25.0}"#)),
            good(name, parameters(#""rate": {"unit": "second", "period": 0}"#)),
            good(name, parameters(#""rate": {"unit": "second", "period": 0.25}"#)),
            good(name, parameters(#""probe_count": 0"#)),
            good(name, parameters(#""image_retain_policy": {"mimetype": "PNG", "quality": 0.5, "max_size": 0}"#)),
            good(name, parameters(#""model": "fast""#)), good(name, parameters(#""model": "accurate""#)),
            good(name, parameters(#""model": null"#)),
            good(name, parameters(#""event_policy": {"trigger": "start"}"#)),
            good(name, parameters(#""event_policy": {"trigger": "end", "interval": 3}"#)),
            good(name, parameters(#""event_policy": {"trigger": "period", "interval": 0.5}"#)),
            good(
                name,
                #"{"callbacks": [{\#(http)}, {"type": "luna-event", "enable": 1}, {"type": "luna-ws-notification"}]}"#),
            good(
                name,
                #"{"callbacks": [{\#(http), "enable": 0, "authorization": {"type": "basic", "login": "l", "password": "p"}, "params": {"timeout": 5, "content_type": "application/msgpack", "headers": {"X-Key": "a b"}}}]}"#
            ),

            bad(name, "[]", "", "Input should be a valid dictionary"),
            bad(name, #"{"target": []}"#, "target", "Extra inputs are not permitted"),
            bad(name, #"{"targets": "overview"}"#, "targets", "Input should be a valid list"),
            bad(name, #"{"parameters": null}"#, "parameters", "Input should be a valid dictionary"),
            bad(name, parameters(#""ttl": 1"#), "parameters.ttl", "Extra inputs are not permitted"),
            bad(
                name, parameters(#""probe_count": -1"#), "\(inner).probe_count",
                "Input should be greater than or equal to 0"),
            bad(name, parameters(#""probe_count": true"#), "\(inner).probe_count", "Input should be a valid integer"),
            bad(name, parameters(#""probe_count": 1.5"#), "\(inner).probe_count", "Input should be a valid integer"),
            bad(name, parameters(#""probe_count": "3""#), "\(inner).probe_count", "Input should be a valid integer"),
            bad(name, parameters(#""probe_count": null"#), "\(inner).probe_count", "Input should be a valid integer"),

            bad(
                name, parameters(#""roi": {"mode": "abs", "x": 0, "y": 0, "width": 1}"#), "\(roi).height",
                "Field required"),
            bad(
                name, parameters(#""roi": {"x": 0, "y": 0, "width": 1, "height": 1}"#), "\(roi).mode", "Field required"),
            bad(
                name, parameters(#""roi": {"mode": "px", "x": 0, "y": 0, "width": 1, "height": 1}"#), "\(roi).mode",
                "Input should be 'abs' or 'percent'"),
            bad(
                name, parameters(#""roi": {"mode": "abs", "x": 0.5, "y": 0, "width": 1, "height": 1}"#), "\(roi).x",
                "Input should be a valid integer"),
            bad(
                name, parameters(#""roi": {"mode": "abs", "x": -1, "y": 0, "width": 1, "height": 1}"#), "\(roi).x",
                "Input should be greater than or equal to 0"),
            bad(
                name, parameters(#""roi": {"mode": "abs", "x": 0, "y": 0, "width": 65537, "height": 1}"#),
                "\(roi).width", "Input should be less than or equal to 65536"),
            bad(
                name, parameters(#""roi": {"mode": "abs", "x": 0, "y": 0, "width": 0, "height": 1}"#), roi,
                "Invalid rectangle"),
            bad(
                name, parameters(#""roi": {"mode": "abs", "x": 0, "y": 0, "width": 1, "height": 1, "z": 1}"#),
                "\(roi).z", "Extra inputs are not permitted"),
            bad(
                name, parameters(#""roi": {"mode": "percent", "x": 60, "y": 0, "width": 40.1, "height": 10}"#), roi,
                "Invalid rectangle", isValidBySchema: true),
            bad(
                name, parameters(#""roi": {"mode": "percent", "x": 0, "y": 50, "width": 100, "height": 51}"#), roi,
                "Invalid rectangle", isValidBySchema: true),
            bad(
                name, parameters(#""roi": {"mode": "percent", "x": 0, "y": 0, "width": 0, "height": 10}"#),
                "\(roi).width", "Input should be greater than or equal to 1e-05"),
            bad(
                name, parameters(#""roi": {"mode": "percent", "x": 101, "y": 0, "width": 1, "height": 10}"#),
                "\(roi).x", "Input should be less than or equal to 100"),

            bad(
                name, parameters(#""rate": {"unit": "frame", "period": 0}"#), "\(inner).rate.period",
                "Input should be greater than or equal to 1"),
            bad(
                name, parameters(#""rate": {"unit": "frame", "period": 0.5}"#), "\(inner).rate.period",
                "Input should be a valid integer"),
            bad(
                name, parameters(#""rate": {"unit": "second", "period": -1}"#), "\(inner).rate.period",
                "Input should be greater than or equal to 0"),
            bad(
                name, parameters(#""rate": {"unit": "second", "period": 1e300}"#), "\(inner).rate.period",
                "Input should be less than or equal to 1000000"),
            bad(
                name, parameters(#""rate": {"unit": "minute", "period": 1}"#), "\(inner).rate.unit",
                "Input should be 'frame' or 'second'"),
            bad(name, parameters(#""rate": {"unit": "frame"}"#), "\(inner).rate.period", "Field required"),
            bad(name, parameters(#""rate": 5"#), "\(inner).rate", "Input should be a valid dictionary"),
            bad(
                name, parameters(#""image_retain_policy": {"mimetype": "jpeg"}"#),
                "\(inner).image_retain_policy.mimetype", "Input should be 'PNG' or 'JPEG'"),
            bad(
                name, parameters(#""image_retain_policy": {"quality": 1.1}"#), "\(inner).image_retain_policy.quality",
                "Input should be less than or equal to 1"),
            bad(
                name, parameters(#""image_retain_policy": {"ttl": 1}"#), "\(inner).image_retain_policy.ttl",
                "Extra inputs are not permitted"),
            bad(name, parameters(#""model": "best""#), "\(inner).model", "Input should be 'fast' or 'accurate'"),
            bad(name, parameters(#""event_policy": {}"#), "\(inner).event_policy.trigger", "Field required"),
            bad(
                name, parameters(#""event_policy": {"trigger": "never"}"#), "\(inner).event_policy.trigger",
                "Input should be 'start', 'end' or 'period'"),
            bad(
                name, parameters(#""event_policy": {"trigger": "period"}"#), "\(inner).event_policy.interval",
                "Field required"),
            bad(
                name, parameters(#""event_policy": {"trigger": "period", "interval": 0}"#),
                "\(inner).event_policy.interval", "Input should be greater than 0"),
            bad(
                name, parameters(#""event_policy": {"trigger": "end", "interval": -1}"#),
                "\(inner).event_policy.interval", "Input should be greater than 0"),

            bad(
                name,
                #"{"callbacks": [\#(Array(repeating: #"{"type": "luna-event"}"#, count: 11).joined(separator: ","))]}"#,
                "callbacks", "List should have at most 10 items after validation, not 11"),
            bad(name, #"{"callbacks": [{}]}"#, "callbacks.0.type", "Field required"),
            bad(
                name, #"{"callbacks": [{"type": "luna-kafka"}]}"#, "callbacks.0.type",
                "Input should be 'http', 'luna-ws-notification' or 'luna-event'"),
            bad(name, #"{"callbacks": [{"type": "http"}]}"#, "callbacks.0.url", "Field required"),
            bad(
                name, #"{"callbacks": [{"type": "luna-event", "url": "http://a/"}]}"#, "callbacks.0.url",
                "Extra inputs are not permitted"),
            bad(
                name, #"{"callbacks": [{"type": "luna-event", "enable": true}]}"#, "callbacks.0.enable",
                "Input should be 0 or 1"),
            bad(
                name, #"{"callbacks": [{"type": "http", "url": "ftp://a/"}]}"#, "callbacks.0.url",
                "Input should be a valid URL that begins with http:// or https://"),
            bad(
                name, #"{"callbacks": [{"type": "http", "url": "/cb"}]}"#, "callbacks.0.url",
                "Input should be a valid URL that begins with http:// or https://"),
            bad(
                name, #"{"callbacks": [{\#(http), "filters": {}}]}"#, "callbacks.0.filters",
                "Extra inputs are not permitted"),
            bad(
                name, #"{"callbacks": [{\#(http), "authorization": {"type": "basic", "login": "l"}}]}"#,
                "callbacks.0.authorization.password", "Field required"),
            bad(
                name,
                #"{"callbacks": [{\#(http), "authorization": {"type": "bearer", "login": "l", "password": "p"}}]}"#,
                "callbacks.0.authorization.type", "Input should be 'basic'"),
            bad(
                name, #"{"callbacks": [{\#(http), "params": {"timeout": 0}}]}"#, "callbacks.0.params.timeout",
                "Input should be greater than or equal to 1"),
            bad(
                name, #"{"callbacks": [{\#(http), "params": {"content_type": "text/plain"}}]}"#,
                "callbacks.0.params.content_type", "Input should be 'application/json' or 'application/msgpack'"),
            bad(
                name, #"{"callbacks": [{\#(http), "params": {"headers": {"a b": "c"}}}]}"#,
                "callbacks.0.params.headers.a b", "A header name should consist of letters, digits and !#$%&'*+-.^_`|~"),
            bad(
                name, #"{"callbacks": [{\#(http), "params": {"headers": {"X": "a\r\nb"}}}]}"#,
                "callbacks.0.params.headers.X", "A header value should not contain control characters"),
            bad(
                name, #"{"callbacks": [{\#(http), "params": {"headers": {"X": 1}}}]}"#, "callbacks.0.params.headers.X",
                "Input should be a valid string"),
        ]
    }

    static let peopleCount: [Self] = {
        let name = "people_count", droi = "parameters.droi"
        return [
            good(name, #"{"targets": ["people_count", "coordinates", "overview", "overview"]}"#),
            good(name, parameters(#""people_count_threshold": 0, "droi": null"#)),
            good(name, parameters(area(triangle))),
            good(name, parameters(area(triangle).replacing("percent", with: "abs").replacing("99.5", with: "640"))),
            bad(name, #"{"targets": ["coordinate"]}"#, "targets.0", "Input should be 'coordinates' or 'overview'"),
            bad(name, #"{"targets": ["overview", 1]}"#, "targets.1", "Input should be 'coordinates' or 'overview'"),
            bad(
                name, parameters(#""people_count_threshold": -1"#), "parameters.people_count_threshold",
                "Input should be greater than or equal to 0"),
            bad(name, parameters(#""tracking": {}"#), "parameters.tracking", "Extra inputs are not permitted"),
            bad(
                name, parameters(area("[]")), "\(droi).area", "List should have at least 1 item after validation, not 0"
            ),
            bad(
                name, parameters(area("[[]]")), "\(droi).area.0",
                "List should have at least 3 items after validation, not 0"),
            bad(
                name, parameters(area(#"[[{"x": 0, "y": 0}, {"x": 1, "y": 0}]]"#)), "\(droi).area.0",
                "List should have at least 3 items after validation, not 2"),
            bad(
                name, parameters(area(triangle.replacing("99.5", with: "-1"))), "\(droi).area.0.1.x",
                "Input should be greater than or equal to 0"),
            bad(
                name, parameters(area(triangle.replacing("99.5", with: "100.5"))), "\(droi).area.0.1.x",
                "Input should be less than or equal to 100"),
            bad(
                name, parameters(area(#"[[{"x": 0}, {"x": 1, "y": 0}, {"x": 1, "y": 1}]]"#)), "\(droi).area.0.0.y",
                "Field required"),
            bad(
                name, parameters(area("[[[0, 0], [1, 0], [1, 1]]]")), "\(droi).area.0.0",
                "Input should be a valid dictionary"),
            bad(
                name, parameters(area(triangle).replacing("common", with: "star")), "\(droi).form",
                "Input should be 'common'"),
            bad(name, parameters(#""droi": {"mode": "abs", "area": \#(triangle)}"#), "\(droi).form", "Field required"),
            bad(
                name,
                parameters(
                    area(
                        "[" + Array(repeating: triangle.dropFirst().dropLast(), count: 33).joined(separator: ",") + "]")
                ), "\(droi).area", "List should have at most 32 items after validation, not 33"),
        ]
    }()

    static let humanTracking: [Self] = {
        let name = "human_tracking", lacks = "which this server does not have; use 'body_detection' or 'overview'"
        let face = [
            "face_detection", "landmarks5", "head_pose", "ags", "mask", "aggregated_liveness",
            "aggregated_face_samples",
        ]
        let body = ["samples", "thumbnail", "attributes", "descriptor"].map { "aggregated_body_\($0)" }
        return [
            good(name, #"{"targets": ["body_detection", "overview"]}"#),
            good(name, parameters(#""tracking": {"detector_type": "body", "body_reid": 0}"#)),
            good(name, parameters(#""body_samples": {"count": 0, "filters": {"score": 1, \#(area(triangle))}}"#)),
            good(
                name,
                parameters(
                    #""face_samples": {"count": 5, "filters": {"score": 0.6, "head_pitch": 15, "head_roll": 90, "head_yaw": 0, "droi": null}}"#
                )),
            bad(
                name, #"{"targets": ["body_detektion"]}"#, "targets.0", "Input should be 'body_detection' or 'overview'"
            ),
            bad(name, #"{"targets": ["people_count"]}"#, "targets.0", "Input should be 'body_detection' or 'overview'"),
            bad(
                name, parameters(#""tracking": {"detector_type": "face"}"#), "parameters.tracking.detector_type",
                "'face' needs a face detector, which this server does not have; use 'body'"),
            bad(
                name, parameters(#""tracking": {"detector_type": "human"}"#), "parameters.tracking.detector_type",
                "'human' needs a face detector, which this server does not have; use 'body'"),
            bad(
                name, parameters(#""tracking": {"detector_type": "head"}"#), "parameters.tracking.detector_type",
                "Input should be 'face', 'body' or 'human'"),
            bad(
                name, parameters(#""tracking": {"body_reid": 1}"#), "parameters.tracking.body_reid",
                "1 needs re-identification, which this server does not have; use 0"),
            bad(
                name, parameters(#""tracking": {"body_reid": false}"#), "parameters.tracking.body_reid",
                "Input should be 0 or 1"),
            bad(
                name, parameters(#""tracking": {"body_reid": 2}"#), "parameters.tracking.body_reid",
                "Input should be 0 or 1"),
            bad(name, parameters(area(triangle)), "parameters.droi", "Extra inputs are not permitted"),
            bad(
                name, parameters(#""body_samples": {"filters": {"score": 1.1}}"#),
                "parameters.body_samples.filters.score", "Input should be less than or equal to 1"),
            bad(
                name, parameters(#""body_samples": {"filters": {"head_yaw": 1}}"#),
                "parameters.body_samples.filters.head_yaw", "Extra inputs are not permitted"),
            bad(
                name, parameters(#""body_samples": {"count": -1}"#), "parameters.body_samples.count",
                "Input should be greater than or equal to 0"),
            bad(
                name, parameters(#""face_samples": {"filters": {"head_yaw": 91}}"#),
                "parameters.face_samples.filters.head_yaw", "Input should be less than or equal to 90"),
            bad(
                name, parameters(#""face_samples": {"filters": {"yaw": 1}}"#), "parameters.face_samples.filters.yaw",
                "Extra inputs are not permitted"),
        ]
            + face.map {
                bad(
                    name, #"{"targets": ["overview", "\#($0)"]}"#, "targets.1",
                    "'\($0)' needs a face detector, \(lacks)")
            }
            + body.map {
                bad(name, #"{"targets": ["\#($0)"]}"#, "targets.0", "'\($0)' needs aggregation over a track, \(lacks)")
            }
    }()

    static let all = shared("people_count") + peopleCount + shared("human_tracking") + humanTracking
}

struct ParametersTests {
    static let catalogue = Result { try AnalyticCatalogue(directory: analyticsFolder) }

    @Test(arguments: ParametersCase.all)
    func parametersAreAcceptedOrRefusedByPath(example: ParametersCase) throws {
        let entry = try #require(try Self.catalogue.get()[example.analytic])
        let reader = try JSONReader(text: example.text)
        do throws(JSONViolation) {
            #expect(try entry.prepare(reader) != nil)
            #expect(example.violation == nil)
        } catch { #expect(error == example.violation) }
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
        #expect(try HumanTrackingParameters(JSONReader(tracking.defaultParameters)) == HumanTrackingParameters())
        #expect(peopleCount.defaultParameters["parameters"]?["rate"] == ["unit": "frame", "period": 10])
        #expect(tracking.defaultParameters["parameters"]?["tracking"] == ["detector_type": "body", "body_reid": 0])
        #expect(tracking.defaultParameters["targets"] == ["body_detection"])
    }

    @Test func theValuesArriveInTheParameters() throws {
        let text = #"""
            {"targets": ["overview"], "parameters": {"probe_count": 7, "people_count_threshold": 4, "rate": {"unit": "second", "period": 0.5},
              "image_retain_policy": {"mimetype": "PNG", "quality": 0.25, "max_size": 9223372036854775807},
              "roi": {"mode": "percent", "x": 1, "y": 2.5, "width": 3, "height": 4}, "event_policy": {"trigger": "period", "interval": 2}, "model": "fast"},
             "callbacks": [{"type": "http", "url": "https://a/b", "params": {"timeout": 5, "headers": {"X": "y"}}}, {"type": "luna-event", "enable": 0}]}
            """#
        let parameters = try PeopleCountParameters(JSONReader(text: text))
        #expect(parameters.targets == [.overview] && parameters.probeCount == 7 && parameters.peopleCountThreshold == 4)
        #expect(parameters.rate == .seconds(0.5) && parameters.eventPolicy == .period(2))
        #expect(parameters.model == .fast && PeopleCount(parameters: parameters).requirements.model == .fast)
        #expect(parameters.snapshotPolicy == SnapshotPolicy(mediaType: .png, quality: 0.25, maximumSize: 65_536))
        #expect(parameters.roi == .percent(x: 1, y: 2.5, width: 3, height: 4))
        let callbacks = parameters.callbacks
        #expect(callbacks.map(\.kind) == [.http, .generalEvent] && callbacks.map(\.isEnabled) == [true, false])
        #expect(callbacks[0].endpoint?.url == "https://a/b" && callbacks[0].endpoint?.timeout == 5)
        #expect(callbacks[0].endpoint?.headers == ["X": "y"] && callbacks[0].endpoint?.contentType == .json)
    }
}

/// Python's `jsonschema`, where it is installed.
enum SchemaChecker {
    static let isAvailable = (try? run("import jsonschema", input: Data())) != nil

    /// Whether each document is valid; throws when `schema` itself is none.
    static func verdicts(schema: JSONValue, documents: [JSONValue]) throws -> [Bool] {
        let script = """
            import json, sys, jsonschema
            task = json.load(sys.stdin)
            jsonschema.Draft202012Validator.check_schema(task["schema"])
            validator = jsonschema.Draft202012Validator(task["schema"])
            print(json.dumps([validator.is_valid(document) for document in task["documents"]]))
            """
        let output = try run(script, input: JSONValue.object(["schema": schema, "documents": .array(documents)]).data)
        return try JSONValue(parsing: output).array?.compactMap(\.bool) ?? []
    }

    private static func run(_ script: String, input: Data) throws -> Data {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID().uuidString).json")
        try input.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process(), output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        struct ScriptFailed: Error {}
        guard process.terminationStatus == 0 else { throw ScriptFailed() }
        return data
    }
}
