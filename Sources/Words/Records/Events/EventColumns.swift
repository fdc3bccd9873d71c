public import Foundation
public import JSON

/// What an event is found by, beside its ids and times: in a table each a column of its own, in memory what filters are compared with.
/// All of it follows from the event's body.
public struct EventColumns: Hashable, Sendable {
    /// The handler that made it; `nil` for a general event.
    public let handler: UUID?
    public let stream: UUID?
    public let track: String?
    public let source: String?
    public let externalID, userData: String
    /// See `TextList`.
    public let tags: String?
    /// By `placeNames`.
    public let places: [String?]
    public let longitude, latitude: Double?
    /// JSON, as are the attributes: see `EventAttributes`.
    public let meta, attributes: String?
    public let peopleCount: Int?

    public static let placeNames = ["city", "area", "district", "street", "house_number"]

    /// - Parameter body: with the member `event`.
    public init(handler: UUID?, body: JSONValue) {
        let event = body["event"] ?? .null
        self.handler = handler
        stream = event["stream_id"]?.string.flatMap(UUID.init(wire:))
        track = event["track_id"]?.string
        source = event["source"]?.string
        (externalID, userData) = (event["external_id"]?.string ?? "", event["user_data"]?.string ?? "")
        tags = event["tags"]?.array.map { TextList.joined($0.compactMap(\.string)) }
        let location = event["location"]
        places = Self.placeNames.map { location?[$0]?.string }
        let position = location?["geo_position"]
        (longitude, latitude) = (position?["longitude"]?.double, position?["latitude"]?.double)
        meta = event["meta"].flatMap { $0 == .null ? nil : $0.text }
        let attributes = handler == nil ? [:] : EventAttributes.members(of: event)
        self.attributes = attributes.isEmpty ? nil : JSONValue.object(attributes).text
        peopleCount = handler == nil ? event["people_count"]?.integer.flatMap { Int(exactly: $0) } : nil
    }

    fileprivate func value(of column: String) -> FieldValue? {
        switch column {
        case "handler_id": handler.map { .id($0) }
        case "stream_id": stream.map { .id($0) }
        case "track_id": track.map { .text($0) }
        case "source": source.map { .text($0) }
        case "external_id": .text(externalID)
        case "user_data": .text(userData)
        case "tags": tags.map { .text($0) }
        case "longitude": longitude.map { .number($0) }
        case "latitude": latitude.map { .number($0) }
        case "meta": meta.map { .text($0) }
        case "people_count": peopleCount.map { .integer($0) }
        default: Self.placeNames.firstIndex(of: column).flatMap { places[$0] }.map { .text($0) }
        }
    }
}

extension Filter {
    /// Whether an event that is in memory is one of those that are meant: of the account, and with all conditions. Those on when it
    /// was stored are met by none.
    public func matches(_ event: StoredEvent) -> Bool {
        guard accountID == nil || accountID == event.accountID else { return false }
        let columns = EventColumns(handler: event.handlerID, body: event.body)
        return matches { column in
            switch column {
            case "id": .id(event.id)
            case "type": .text(event.type)
            case "begin_time": .time(event.begin.time)
            case "end_time": .time(event.end.time)
            case FilterField<StoredEvent>.matchLabels: event.matchLabels.map { .text($0) }
            default: columns.value(of: column)
            }
        } document: { column in
            switch column {
            case "body": event.body
            case "meta": event.body["event"]?["meta"]
            default: .object(EventAttributes.members(of: event.body["event"] ?? .null))
            }
        }
    }
}

extension StoredEvent {
    /// See `TextList`.
    fileprivate var matchLabels: String? {
        body["event"]?["matches"]?.array.map { TextList.joined($0.compactMap { $0["label"]?.string }) }
    }
}
