import Foundation
public import Records
public import Store

/// How many stored bytes there may be, and for how long, beside what each says of itself.
public struct ObjectRetentionConfiguration: Hashable, Sendable {
    /// Objects that were stored so many days ago are deleted. 0: none for its age.
    public var days = 0
    /// More objects than so many are not kept: the oldest go. 0: no limit.
    public var count = 0
    /// The same for their bytes.
    public var bytes = 0
    /// Between two looks at what has expired, or is too much.
    public var checkInterval = Duration.seconds(60)
    public init() {}

    public static let settings: [Setting<ObjectRetentionConfiguration>] = [
        Setting("objects.retention_days", \.days, in: 0...36_500),
        Setting("objects.retention_count", \.count, in: 0...1 << 50),
        Setting("objects.retention_bytes", \.bytes, in: 0...1 << 60),
        Setting("objects.retention_check_interval", \.checkInterval, seconds: 1...86_400),
    ]
}

extension Sweep {
    /// Removes what has expired, and the oldest of what is too much, by the age or number or size of all accounts' objects.
    public static func objects(of store: Store, _ configuration: ObjectRetentionConfiguration) -> Sweep {
        Sweep(name: "objects", interval: configuration.checkInterval) { now in
            var count = try await store.deleteExpiredObjects(at: now)
            if configuration.days > 0 {
                count += try await store.deleteObjects(
                    before: now.addingTimeInterval(-86_400 * Double(configuration.days)))
            }
            if configuration.count > 0 { count += try await store.deleteObjects(beyondCount: configuration.count) }
            if configuration.bytes > 0 { count += try await store.deleteObjects(beyondBytes: configuration.bytes) }
            return count
        }
    }

    /// Removes files and objects that a killed process has left without their other side.
    public static func orphans(of store: Store) -> Sweep {
        Sweep(name: "orphaned objects", interval: .seconds(5)) { _ in try await store.mendObjects() }
    }

    /// Moves the pictures of old events out of their rows, some at a time with pauses that leave the database to others.
    public static func oldPictures(of store: Store, pause: Duration = .milliseconds(50)) -> Sweep {
        Sweep(name: "old pictures", interval: .seconds(60)) { _ in
            var count = 0
            do {
                while let moved = try await store.moveOldPictures() {
                    count += moved
                    try await Task.sleep(for: pause)
                }
            } catch StoreError.noRoomForObjects {}  // there may be some later
            return count
        }
    }
}
