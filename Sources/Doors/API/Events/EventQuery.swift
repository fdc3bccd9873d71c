import Foundation
import HTTPEdge
import JSON
import Records
import Store

// What queries for lists of events say.
extension Query {
    /// The events of handlers that are asked for; without a bound of ids or times those of the last month.
    func storedEvents(account: UUID?, at now: Date = .now) throws(Refusal) -> Filter<StoredEvent> {
        var filter = try filter(FilterField<StoredEvent>.all, account: account)
        filter.conditions += try position()
        filter.conditions += try conditions(on: "meta", in: "meta")
        return limited(filter, at: now)
    }
    func generalEvents(account: UUID?, at now: Date = .now) throws(Refusal) -> Filter<GeneralEvent> {
        var filter = try filter(FilterField<GeneralEvent>.all, account: account)
        filter.conditions += try conditions(on: "event", in: "body", base: ["event"], shortcuts: Self.eventShortcuts)
        return limited(filter, at: now)
    }
    /// Numbers in general events that have columns of their own.
    static let eventShortcuts = ["people_count": "people_count"]

    private func limited<Resource>(_ filter: Filter<Resource>, at now: Date) -> Filter<Resource> {
        guard
            !names("event_ids", "event_id__gte", "event_id__lt", "create_time__gte", "create_time__lt"),
            let monthAgo = Calendar.utc.date(byAdding: .month, value: -1, to: now)
        else { return filter }
        var filter = filter
        filter.conditions.append(Condition("begin_time", .atLeast, [.time(monthAgo)]))
        filter.conditions.append(Condition("begin_time", .below, [.time(now)]))
        return filter
    }

    /// A bound of ids orders by them: upwards, since that is how pages follow one another, unless something else is said.
    func eventOrder() throws(Refusal) -> EventOrder {
        let order: CreationOrder? = try choice("order")
        return names("event_id__gte", "event_id__lt")
            ? .byID(order ?? .oldestFirst) : .byTime(order ?? .newestFirst)
    }
    func eventTargets() throws(Refusal) -> Set<EventTarget> {
        Set(try list("target", EventTarget.init(rawValue:)) ?? EventTarget.allCases)
    }

    /// A box around a place, its edges included; or no place at all.
    private func position() throws(Refusal) -> [Condition<StoredEvent>] {
        let (longitudeName, latitudeName) = ("origin_longitude", "origin_latitude")
        let wide = try number("longitude_delta", in: 0...90) ?? 0.01
        let high = try number("latitude_delta", in: 0...90) ?? 0.01
        guard names(longitudeName, latitudeName) else { return [] }
        for (name, other) in [(longitudeName, latitudeName), (latitudeName, longitudeName)] {
            guard try text(name, maximumLength: .max) == "null" else { continue }
            let second = try text(other, maximumLength: .max)
            guard second == nil || second == "null" else { throw .badQuery(other) }
            for delta in ["longitude_delta", "latitude_delta"] where names(delta) { throw .badQuery(delta) }
            return [Condition("longitude", .isNull, [])]
        }
        guard let longitude = try number(longitudeName, in: -180...180) else { throw .badQuery(longitudeName) }
        guard let latitude = try number(latitudeName, in: -90...90) else { throw .badQuery(latitudeName) }
        return .geoBox(longitude: longitude, latitude: latitude, wide: wide, high: high)
    }

    // MARK: Those who subscribe

    /// Which events of handlers somebody wants to be told of.
    func notices(account: UUID?) throws(Refusal) -> Filter<StoredEvent> {
        var filter = try filter(FilterField<StoredEvent>.ofNotices, account: account)
        filter.conditions += try geoPosition()
        return filter
    }
    /// Which general events; those of one type.
    func generalNotices(account: UUID?) throws -> Filter<GeneralEvent> {
        guard let type = try text("event_type", maximumLength: 128) else {
            throw APIError.badEvent(JSONViolation(path: "event_type", message: "field required"))
        }
        var filter = Filter<GeneralEvent>(accountID: account, [Condition("type", .equal, [.text(type)])])
        filter.conditions += try conditions(on: "event", in: "body", base: ["event"], shortcuts: Self.eventShortcuts)
        return filter
    }

    /// A box as the members of an object, one behind the other: `origin_longitude,24.1,origin_latitude,56.9,latitude_delta,0.1`.
    private func geoPosition() throws(Refusal) -> [Condition<StoredEvent>] {
        let name = "geo_position"
        guard let text = try text(name, maximumLength: 512) else { return [] }
        let ranges: [Substring: ClosedRange<Double>] = [
            "origin_longitude": -180...180, "origin_latitude": -90...90, "longitude_delta": 0...90,
            "latitude_delta": 0...90,
        ]
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count.isMultiple(of: 2) else { throw .badQuery(name) }
        var members: [Substring: Double] = [:]
        for index in stride(from: 0, to: parts.count, by: 2) {
            let key = parts[index]
            guard let range = ranges[key], let number = Double(parts[index + 1]), range.contains(number),
                members.updateValue(number, forKey: key) == nil
            else { throw .badQuery(name) }
        }
        guard let longitude = members["origin_longitude"], let latitude = members["origin_latitude"] else {
            throw .badQuery(name)
        }
        return .geoBox(
            longitude: longitude, latitude: latitude, wide: members["longitude_delta"] ?? 0.01,
            high: members["latitude_delta"] ?? 0.01)
    }
}
