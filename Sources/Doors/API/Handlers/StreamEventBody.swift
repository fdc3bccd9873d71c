import Foundation
import HTTPEdge
import JSON
import Recognition
import Records
import Scene

/// What whoever works on video wants events made of: `docs/contract/events.md §9`.
struct StreamEventBody: Sendable {
    /// One person as he was cut out, or a picture in which people are looked for.
    struct Subject: Sendable {
        let pictures: [(kind: HandledPicture.Kind, sent: SentPicture)]
        /// Of its own events.
        let data: EventData
    }
    struct Source: Sendable {
        let fileName: String?
        let subjects: [Subject]
    }
    let isAggregated, isTurned: Bool
    /// Of the one event that all sources make.
    let data: EventData
    let sources: [Source]
    private static let mostSources = 64, mostSubjects = 128

    /// - Throws: `JSONViolation`; `APIError.severalBoxes`.
    init(_ body: JSONReader) throws {
        _ = try body.object(known: ["aggregate_attributes", "sources", "use_exif_info", "source_data"])
        isAggregated = try body.required("aggregate_attributes").flag()
        isTurned = try body.optional("use_exif_info")?.flag() ?? true
        let own = try body.present("source_data")
        if let own, !isAggregated {
            throw own.violation("It stands in each source where those make events of their own")
        }
        data = try own.map(EventData.init(_:)) ?? EventData()
        sources = try body.required("sources").items(minimum: 1, maximum: Self.mostSources).map { [isAggregated] in
            try Source($0, isAggregated: isAggregated, Self.mostSubjects)
        }
        guard sources.reduce(0, { $0 + $1.subjects.count }) <= Self.mostSubjects else {
            throw body.violation("ensure all sources have at most \(Self.mostSubjects) persons together")
        }
    }
}

extension StreamEventBody.Source {
    /// It may have further members.
    fileprivate init(_ reader: JSONReader, isAggregated: Bool, _ limit: Int) throws {
        let kind = try reader.required("source_type").string(oneOf: ["raw_image", "detections"])
        fileName = try reader.present("filename")?.string(maximumLength: 256)
        var details = SentDetails()
        details.time = try reader.present("detect_time")?.moment()
        details.offset = try reader.present("detect_ts")?.number(in: SentDetails.offsets)
        details.origin = try SentDetails.Origin(ofStream: reader.present("image_origin"), &details)
        let source = try reader.required("source")
        let items = kind == "raw_image" ? [source] : try source.items(maximum: limit)
        subjects = try items.map { item in
            let own: JSONReader? =
                isAggregated ? nil : try item.present("source_data") ?? reader.present("source_data")
            return StreamEventBody.Subject(
                pictures: kind == "raw_image"
                    ? [(.raw, try SentPicture(ofStream: item, details))] : try Self.crops(item, details),
                data: try own.map(EventData.init(_:)) ?? EventData())
        }
    }
    /// Of a person, the face and the body, each of which may be missing.
    private static func crops(
        _ reader: JSONReader, _ details: SentDetails
    ) throws -> [(kind: HandledPicture.Kind, sent: SentPicture)] {
        var crops: [(kind: HandledPicture.Kind, sent: SentPicture)] = []
        for (name, kind) in [("face", HandledPicture.Kind.faceWarp), ("body", .bodyWarp)] {
            guard let part = try reader.present(name) else { continue }
            var picture = SentPicture(source: .base64(Data(try part.required("warp").string().utf8)))
            let box = try part.present("origin_bounding_box")?.rectangle()
            if kind == .faceWarp { picture.face = box } else { picture.body = box }
            picture.details = details
            try picture.details.note(part.present("meta"))
            crops.append((kind, picture))
        }
        return crops
    }
}

extension SentPicture {
    /// A whole picture, with where a face and a body are.
    fileprivate init(ofStream reader: JSONReader, _ details: SentDetails) throws {
        self.init(source: .base64(Data(try reader.required("body").string().utf8)))
        self.details = details
        try self.details.note(reader.present("meta"))
        face = try Self.box(reader.present("face_detection_data"))
        body = try Self.box(reader.present("body_detection_data"))
    }
    /// Lists and single objects are both in use.
    private static func box(_ reader: JSONReader?) throws -> BoundingBox? {
        guard let reader else { return nil }
        let items = reader.value.object == nil ? try reader.items() : [reader]
        guard items.count < 2 else { throw APIError.severalBoxes }
        return try items.first?.required("bounding_box").rectangle()
    }
}

extension JSONReader {
    fileprivate func rectangle() throws -> BoundingBox {
        func side(_ name: String) throws -> Float { Float(try required(name).integer(in: 0...1_000_000)) }
        let (x, y, width, height) = (try side("x"), try side("y"), try side("width"), try side("height"))
        return BoundingBox(minX: x, minY: y, maxX: x + width, maxY: y + height)
    }
}

extension SentDetails {
    /// `X-Luna-Meta-*` by their names; others say nothing.
    fileprivate mutating func note(_ reader: JSONReader?) throws {
        guard let reader else { return }
        var headers: [String: String] = [:]
        for (name, value) in try reader.object() {
            if let text = value.string { headers[name.lowercased()] = text }
        }
        note(headers)
    }
}

extension SentDetails.Origin {
    /// An address, or a picture as bytes.
    fileprivate init?(ofStream reader: JSONReader?, _ details: inout SentDetails) throws {
        guard let reader else { return nil }
        if reader.value.string != nil {
            self = .link(try reader.string(maximumLength: SentDetails.longestLink))
            return
        }
        guard let bytes = Data(base64Encoded: try reader.required("body").string()), !bytes.isEmpty else {
            throw APIError.badBase64
        }
        try details.note(reader.present("meta"))
        self = .bytes(ArraySlice(bytes), contentType: "")
    }
}

extension EventData {
    /// What is said of an event: `docs/contract/events.md §9`.
    fileprivate init(_ reader: JSONReader) throws {
        self.init()
        _ = try reader.object(known: [
            "event_time", "event_end_time", "external_id", "user_data", "source", "stream_id", "track_id", "tags",
            "location", "meta",
        ])
        begin = try reader.present("event_time")?.moment()
        end = try reader.present("event_end_time")?.moment()
        externalID = try reader.present("external_id")?.string(maximumLength: 36) ?? ""
        userData = try reader.present("user_data")?.string(maximumLength: 128) ?? ""
        source = try reader.present("source")?.string(maximumLength: 128)
        streamID = try reader.present("stream_id")?.id()
        trackID = try reader.present("track_id")?.name(maximumLength: 36)
        tags = try reader.present("tags")?.items(maximum: 1000).map { try $0.string(maximumLength: 36) }
        meta = try reader.present("meta")?.freeMeta()
        if let place = try reader.present("location") {
            _ = try place.object(known: Set(EventColumns.placeNames).union(["geo_position"]))
            for name in EventColumns.placeNames { _ = try place.present(name)?.string(maximumLength: 36) }
            if let position = try place.present("geo_position") {
                _ = try position.object(known: ["longitude", "latitude"])
                _ = try position.required("longitude").number(in: -180...180)
                _ = try position.required("latitude").number(in: -90...90)
            }
            location = place.value
        }
    }
}
