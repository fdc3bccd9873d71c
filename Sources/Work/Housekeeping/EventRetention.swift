import Foundation
public import Records
public import Store

/// How long events are kept.
public struct EventRetentionConfiguration: Hashable, Sendable {
    public enum Policy: String, Sendable, CaseIterable {
        /// Nothing is deleted. When the reserve of the disk is touched, events are stored without pictures.
        case keep
        /// The oldest are deleted, so that the reserve stays free.
        case delete
    }
    /// Nobody's events are deleted unless he has said so.
    public var policy = Policy.keep
    /// With `delete`: events whose end was stored more than so many days ago are deleted, room or not. 0: none for its age.
    public var days = 0
    /// With `delete`: so many finished events are kept, those whose ends were stored last. 0: as many as there are.
    public var count = 0
    /// Between two looks at the disk.
    public var checkInterval = Duration.seconds(5)
    public init() {}

    public static let settings: [Setting<EventRetentionConfiguration>] = [
        Setting("events.retention", \.policy),
        Setting("events.retention_days", \.days, in: 0...36_500),
        Setting("events.retention_count", \.count, in: 0...1_000_000_000),
        Setting("events.retention_check_interval", \.checkInterval, seconds: 0.1...3600),
    ]
}

extension Sweep {
    /// Looks how much room the disk has, and removes the oldest events where that is wanted.
    ///
    /// Room is made before the reserve is touched: from an eighth above it up to a quarter above it.
    public static func events(of store: Store, _ configuration: EventRetentionConfiguration) -> Sweep {
        Sweep(name: "events", interval: configuration.checkInterval) { now in
            let (free, reserve) = try await { ($0.free, $0.reserve) }(store.lookAtRoom())
            guard configuration.policy == .delete else { return 0 }
            var count = 0
            if configuration.days > 0 {
                let bound = now.addingTimeInterval(-86_400 * Double(configuration.days))
                count += try await store.deleteEvents(before: bound)
                count += try await store.deleteCounts(before: bound)
            }
            if configuration.count > 0 { count += try await store.deleteEvents(beyond: configuration.count) }
            if free < reserve + reserve / 8 {
                count += try await store.deleteEvents(untilRoomIs: reserve + reserve / 4)
            }
            return count
        }
    }
}
