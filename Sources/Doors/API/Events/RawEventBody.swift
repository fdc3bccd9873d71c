import Foundation
import JSON
import Records

/// Reads an event that was made elsewhere: `docs/contract/events.md §10`.
struct RawEventBody {
    let begin, end: Date
    /// As the event is generated, without what it has by itself.
    let members: [String: JSONValue]
    /// The SDK form of what the face looks like, in Base64; not told with the event.
    let descriptor: String?
    /// What it says that there is.
    let named: Named

    struct Named {
        var face, attribute: UUID?
        var faceSamples, bodySamples: [UUID]
    }

    /// - Parameter now: the time of what says none.
    init(_ body: JSONReader, at now: Date) throws(JSONViolation) {
        _ = try body.fields([
            "create_time", "end_time", "source", "stream_id", "track_id", "external_id", "user_data", "meta", "tags",
            "location", "detections", "face", "matches", "face_attributes", "body_attributes", "aggregate_estimations",
        ])
        let (given, ended) = (try body.present("create_time")?.time(), try body.present("end_time"))
        let end = try ended?.time()
        // What says only when it ended may have ended before it is told.
        begin = given ?? min(now, end ?? now)
        self.end = end ?? begin
        if let ended, self.end < begin { throw ended.violation("Input should not be before create_time") }
        var members: [String: JSONValue] = [:]
        func take(_ name: String, _ check: (JSONReader) throws(JSONViolation) -> JSONValue) throws(JSONViolation) {
            if let member = try body.present(name) { members[name] = try check(member) }
        }
        try take("source") { reader throws(JSONViolation) in .string(try reader.text(in: 0...128)) }
        try take("stream_id") { reader throws(JSONViolation) in .string(try reader.uuid().wire) }
        try take("track_id") { reader throws(JSONViolation) in .string(try reader.name(maximumLength: 36)) }
        try take("external_id") { reader throws(JSONViolation) in .string(try reader.text(in: 0...36)) }
        try take("user_data") { reader throws(JSONViolation) in .string(try reader.text(in: 0...128)) }
        try take("meta") { reader throws(JSONViolation) in try reader.meta() }
        try take("tags") { reader throws(JSONViolation) in try reader.tags() }
        try take("location") { reader throws(JSONViolation) in try reader.location() }
        try take("detections") { reader throws(JSONViolation) in try reader.detections(at: now) }
        try take("face") { reader throws(JSONViolation) in try reader.face() }
        try take("matches") { reader throws(JSONViolation) in try reader.matches() }
        try take("face_attributes") { reader throws(JSONViolation) in try reader.faceAttributes() }
        try take("body_attributes") { reader throws(JSONViolation) in try reader.bodyAttributes() }
        try take("aggregate_estimations") { reader throws(JSONViolation) in try reader.estimations() }
        self.members = members
        descriptor = try body.present("face_attributes")?.present("descriptor")?.string()
        named = Named(members)
    }
}

extension RawEventBody.Named {
    /// - Parameter members: of which all ids are such.
    fileprivate init(_ members: [String: JSONValue]) {
        func id(_ value: JSONValue?) -> UUID? { value?.string.flatMap(UUID.init(wire:)) }
        func samples(_ side: String) -> [UUID] {
            let detected = (members["detections"]?.array ?? []).compactMap { id($0["samples"]?[side]?["sample_id"]) }
            let described = (members["\(side)_attributes"]?["samples"]?.array ?? []).compactMap { id($0) }
            return detected + described.filter { !detected.contains($0) }
        }
        self.init(
            face: id(members["face"]?["face_id"]), attribute: id(members["face_attributes"]?["attribute_id"]),
            faceSamples: samples("face"), bodySamples: samples("body"))
    }
}

extension JSONReader {
    fileprivate func time() throws(JSONViolation) -> Date {
        guard let time = value.string.flatMap({ Date(rfc3339: $0) }) else {
            throw violation("Input should be a valid datetime")
        }
        return time
    }
    private static let longestMeta = 2 << 20
    fileprivate func meta() throws(JSONViolation) -> JSONValue {
        _ = try object()
        guard value.bytes.count <= Self.longestMeta else { throw violation("Input should have at most 2 MB") }
        return value
    }
    fileprivate func tags() throws(JSONViolation) -> JSONValue {
        for item in try list(in: 0...100) { _ = try item.text(in: 0...36) }
        return value
    }
    /// Texts without nulls.
    fileprivate func location() throws(JSONViolation) -> JSONValue {
        let members = try fields(["city", "area", "district", "street", "house_number", "geo_position"])
        for name in members.keys.sorted() where name != "geo_position" {
            _ = try field(name).text(in: 0...36)
        }
        if let position = try optional("geo_position") {
            _ = try position.fields(["longitude", "latitude"])
            _ = try position.field("longitude").number(in: -180...180)
            _ = try position.field("latitude").number(in: -90...90)
        }
        return value
    }

    // MARK: Detections

    fileprivate func detections(at now: Date) throws(JSONViolation) -> JSONValue {
        var detections: [JSONValue] = []
        for item in try list(in: 0...100) { detections.append(try item.detection(at: now)) }
        return .array(detections)
    }
    private func detection(at now: Date) throws(JSONViolation) -> JSONValue {
        var members = try fields(["samples", "filename", "detect_time", "detect_ts", "image_origin"])
        let samples = try field("samples")
        _ = try samples.fields(["face", "body"])
        var sides: [String: JSONValue] = [:]
        for (side, path) in [("face", "faces"), ("body", "bodies")] {
            sides[side] = try samples.present(side)?.sample(under: "/6/samples/\(path)/") ?? .null
        }
        members["samples"] = .object(sides)
        members["filename"] = .string(try optional("filename")?.text(in: 0...256) ?? "")
        members["detect_time"] = .string(try (present("detect_time")?.time() ?? now).rfc3339)
        members["detect_ts"] =
            try present("detect_ts").map { item throws(JSONViolation) in
                .number(try item.number(in: 0...158_731_466_399.999))
            } ?? .null
        members["image_origin"] =
            try present("image_origin").map { item throws(JSONViolation) in
                .string(try item.text(in: 0...256))
            } ?? .null
        return .object(members)
    }
    /// - Parameter prefix: where samples of its kind are found.
    private func sample(under prefix: String) throws(JSONViolation) -> JSONValue {
        var members = try fields(["sample_id", "detection", "url"])
        let id = try field("sample_id")
        let sample = id.value == .null ? nil : try id.uuid()
        let detection = try field("detection")
        try detection.field("rect").rectangle()
        members["url"] =
            try present("url").map { item throws(JSONViolation) in .string(try item.text(in: 0...512)) }
            ?? sample.map { .string(prefix + $0.wire) } ?? .null
        return .object(members)
    }
    private func rectangle() throws(JSONViolation) {
        _ = try fields(["x", "y", "width", "height"])
        for side in ["x", "y", "width", "height"] { _ = try field(side).integer(in: -65_536...65_536) }
    }

    // MARK: Who it is

    fileprivate func face() throws(JSONViolation) -> JSONValue {
        var members = try fields([
            "face_id", "external_id", "user_data", "avatar", "lists", "event_id", "url",
        ])
        let id = try field("face_id").uuid()
        _ = try optional("external_id")?.text(in: 0...36)
        _ = try optional("user_data")?.text(in: 0...128)
        _ = try present("avatar")?.text(in: 0...256)
        _ = try present("lists")?.ids()
        _ = try present("event_id")?.uuid()
        _ = try present("url")?.text(in: 0...512)
        let defaults: [String: JSONValue] = [
            "external_id": "", "user_data": "", "avatar": "", "lists": [], "event_id": .null,
            "url": .string("/6/faces/\(id.wire)"),
        ]
        members.merge(defaults) { given, _ in given }
        return .object(members)
    }
    fileprivate func matches() throws(JSONViolation) -> JSONValue {
        for match in try list(in: 0...30) {
            _ = try match.fields(["label", "candidates"])
            _ = try match.optional("label")?.text(in: 0...36)
            for candidate in try match.field("candidates").list(in: 0...1000) {
                _ = try candidate.fields(["face", "event", "similarity"])
                _ = try candidate.field("similarity").number(in: 0...1)
                if let face = try candidate.present("face") {
                    _ = try face.object()
                } else {
                    _ = try candidate.field("event").object()
                }
            }
        }
        return value
    }
    fileprivate func faceAttributes() throws(JSONViolation) -> JSONValue {
        var members = try fields([
            "attribute_id", "basic_attributes", "score", "samples", "descriptor", "url",
        ])
        let id = try present("attribute_id")?.uuid()
        if let basic = try present("basic_attributes") {
            _ = try basic.present("age")?.integer(in: 0...100)
            _ = try basic.present("gender")?.integer(in: 0...1)
        }
        try checkAttributes()
        members["descriptor"] = nil  // for matching, not to be shown
        let defaults: [String: JSONValue] = [
            "attribute_id": .null, "samples": [], "score": 1,
            "url": id.map { .string("/6/attributes/\($0.wire)") } ?? .null,
        ]
        members.merge(defaults) { given, _ in given }
        return .object(members)
    }
    fileprivate func bodyAttributes() throws(JSONViolation) -> JSONValue {
        var members = try fields(["score", "samples", "descriptor"])
        try checkAttributes()
        members["descriptor"] = nil
        members.merge(["samples": [], "score": 1]) { given, _ in given }
        return .object(members)
    }
    private func checkAttributes() throws(JSONViolation) {
        _ = try optional("score")?.number(in: 0...1)
        if let samples = try present("samples") { for item in try samples.list(in: 0...8) { _ = try item.uuid() } }
        if let descriptor = try present("descriptor") {
            guard Data(base64Encoded: try descriptor.string()) != nil else {
                throw descriptor.violation("Input should be valid base64")
            }
        }
    }
    fileprivate func estimations() throws(JSONViolation) -> JSONValue {
        _ = try fields(["face", "body"])
        for side in ["face", "body"] {
            guard let part = try optional(side) else { continue }
            _ = try part.fields(["attributes"])
            if let attributes = try part.optional("attributes") { _ = try attributes.object() }
        }
        return value
    }
}
