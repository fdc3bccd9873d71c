import Analytics

/// What each analytic has of its own.
extension ParametersCase {
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
        let name = "human_tracking", lacks = "which this server does not have"
        let targets =
            "'body_detection', 'face_detection', 'landmarks5', 'head_pose', 'ags', 'warp_quality', 'emotions', 'eyes', 'gaze', "
            + "'mouth', 'overview', 'aggregated_face_samples', 'aggregated_face_thumbnail', "
            + "'aggregated_face_basic_attributes', 'aggregated_body_samples' or 'aggregated_body_thumbnail'"
        let unavailable = [
            ("glasses", "a model of glasses", "Glasses"), ("mask", "a model of masks", "Mask"),
            ("aggregated_liveness", "a model of liveness", "Liveness"),
            ("aggregated_face_descriptor", "a model that describes faces", "Face descriptor"),
            ("aggregated_body_attributes", "a model of people's attributes", "Body attributes"),
            ("aggregated_body_descriptor", "a model that describes bodies", "Body descriptor"),
        ]
        let body = #""tracking": {"detector_type": "body"}"#
        let handler = #""handler_id": "1b0c9a1e-4d52-4f6b-9c3e-5a1d2e8f7061""#
        let face = #""tracking": {"detector_type": "face"}"#, human = #""tracking": {"detector_type": "human"}"#
        return [
            good(
                name,
                #"{"targets": ["body_detection", "overview", "aggregated_body_samples", "aggregated_body_thumbnail"], "parameters": {\#(body)}}"#
            ),
            good(name, #"{"targets": ["face_detection", "head_pose", "overview"]}"#),
            good(name, parameters(#""body_samples": {"count": 1000000}"#)),
            good(name, parameters(#""tracking": {"detector_type": "body", "body_reid": 0}"#)),
            good(name, parameters("\(face), \(handler)")), good(name, parameters("\(human), \(handler)")),
            good(name, parameters(#""handler_id": null"#)),
            bad(
                name, parameters("\(body), \(handler)"), "parameters.handler_id",
                "A handler is given faces: it needs tracking.detector_type 'face' or 'human' instead of 'body'",
                isValidBySchema: true),
            bad(name, parameters(#""handler_id": "mine""#), "parameters.handler_id", "Input should be a valid UUID"),
            good(name, parameters(#""body_samples": {"count": 0, "filters": {"score": 1, \#(area(triangle))}}"#)),
            good(
                name,
                parameters(
                    #""face_samples": {"count": 5, "filters": {"score": 0.6, "head_pitch": 15, "head_roll": 90, "head_yaw": 0, "droi": null}}"#
                )),
            bad(name, #"{"targets": ["body_detektion"]}"#, "targets.0", "Input should be \(targets)"),
            bad(name, #"{"targets": ["people_count"]}"#, "targets.0", "Input should be \(targets)"),
            good(
                name,
                #"{"targets": ["face_detection", "landmarks5", "head_pose", "overview"], "parameters": {\#(face)}}"#),
            good(name, parameters(face + #", "model": null"#)),
            good(
                name,
                #"{"targets": ["ags", "warp_quality", "aggregated_face_samples", "aggregated_face_thumbnail"], "parameters": {\#(face)}}"#
            ),
            good(
                name,
                #"{"targets": ["emotions", "eyes", "gaze", "mouth", "aggregated_face_basic_attributes"], "parameters": {\#(face)}}"#
            ),
            good(
                name,
                #"{"targets": ["aggregated_face_samples", "aggregated_body_samples"], "parameters": {\#(human)}}"#),
            bad(
                name, #"{"targets": ["overview", "landmarks5"], "parameters": {\#(body)}}"#, "targets.1",
                "'landmarks5' needs people to be followed by their faces: tracking.detector_type 'face' or 'human' instead of 'body'"
            ),
            bad(
                name, #"{"targets": ["body_detection"], "parameters": {\#(face)}}"#, "targets.0",
                "'body_detection' needs people to be followed by their bodies: tracking.detector_type 'body' or 'human' instead of 'face'"
            ),
            bad(
                name, parameters(face + #", "model": "fast""#), "parameters.model",
                "It says what finds people; faces are found by one model"),
            good(
                name,
                #"{"targets": ["face_detection", "body_detection", "head_pose"], "parameters": {\#(human), "model": "fast"}}"#
            ),
            bad(
                name, parameters(#""tracking": {"detector_type": "head"}"#), "parameters.tracking.detector_type",
                "Input should be 'face', 'body' or 'human'"),
            bad(
                name, parameters(#""tracking": {"body_reid": 1}"#), "parameters.tracking.body_reid",
                "1 needs re-identification, which this server does not have; use 0", lack: "Body descriptor"),
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
            + unavailable.map {
                bad(
                    name, #"{"targets": ["overview", "\#($0.0)"]}"#, "targets.1", "'\($0.0)' needs \($0.1), \(lacks)",
                    lack: $0.2)
            }
    }()

    /// What all analytics share, for each there is, and what is their own.
    static let all: [Self] =
        AnalyticCatalogue.ownNames.flatMap(shared) + peopleCount + humanTracking
}
