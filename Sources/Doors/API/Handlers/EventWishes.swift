import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Recognition
import Records

/// What query and headers say of the events that are to be made: `docs/contract/events.md §8`.
struct EventWishes: Sendable {
    let kind: HandledPicture.Kind
    /// Whether all pictures show one person, and make one event.
    let isAggregated: Bool
    let isTurned: Bool
    let data: EventData
    private static let mostTags = 1000

    init(_ call: Call) throws(Refusal) {
        let query = call.query
        kind = HandledPicture.Kind(rawValue: try query.integer("image_type", in: 0...2) ?? 0)!
        isAggregated = try query.flag("aggregate_attributes")
        isTurned = try query.flag("use_exif_info", orElse: true)
        var data = EventData()
        data.source = try query.text("source", maximumLength: 128)
        data.streamID = try query.id("stream_id")
        data.trackID = try query.text("track_id", maximumLength: 36)
        if let track = data.trackID, !track.isName(maximumLength: 36) { throw .badQuery("track_id") }
        data.tags = try query.list("tags") { $0.unicodeScalars.count <= 36 ? $0 : nil }
        if let tags = data.tags, tags.count > Self.mostTags { throw .badQuery("tags") }
        data.externalID = try query.text("external_id", maximumLength: 36) ?? ""
        data.userData = try query.text("user_data", maximumLength: 128) ?? ""
        data.location = try query.place()
        // Any other form says nothing.
        data.begin = Self.time("Luna-Event-Time", call)
        data.end = Self.time("Luna-Event-End-Time", call)
        self.data = data
    }
    private static func time(_ header: String, _ call: Call) -> Date? {
        HTTPField.Name(header).flatMap { call.request.headers[$0] }.flatMap { Date(rfc3339: $0) }
    }
}

extension Query {
    /// `nil` where nothing is said of it.
    fileprivate func place() throws(Refusal) -> JSONValue? {
        var members: [String: JSONValue] = [:]
        for name in EventColumns.placeNames {
            if let text = try text(name, maximumLength: 36) { members[name] = .string(text) }
        }
        let longitude = try number("longitude", in: -180...180), latitude = try number("latitude", in: -90...90)
        guard (longitude == nil) == (latitude == nil) else {
            throw .badQuery(longitude == nil ? "longitude" : "latitude")
        }
        if let longitude, let latitude {
            members["geo_position"] = ["longitude": .number(longitude), "latitude": .number(latitude)]
        }
        return members.isEmpty ? nil : .object(members)
    }
}
