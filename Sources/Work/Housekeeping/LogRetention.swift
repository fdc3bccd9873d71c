import Foundation
public import Records
public import Store

/// How long the streams' logs are kept.
public struct LogRetentionConfiguration: Hashable, Sendable {
    public enum Unit: String, Sendable, CaseIterable {
        case weeks, days, hours, minutes, seconds

        var seconds: Int {
            switch self {
            case .weeks: 604_800
            case .days: 86_400
            case .hours: 3600
            case .minutes: 60
            case .seconds: 1
            }
        }
    }
    /// Off: logs are kept until somebody deletes them.
    public var isActive = false
    /// In `unit`, at least 1: older records are removed.
    public var interval = 7
    public var unit = Unit.days
    /// Between two removals.
    public var checkInterval = Duration.seconds(180)
    public init() {}

    public static let settings: [Setting<LogRetentionConfiguration>] = [
        Setting("logs.retention_active", \.isActive),
        Setting("logs.retention_interval", \.interval, in: 1...1_000_000),
        Setting("logs.retention_interval_type", \.unit),
        Setting("logs.retention_check_interval", \.checkInterval, seconds: 1...86_400),
    ]

    /// Records before this instant are old.
    func bound(at now: Date) -> Date { now.addingTimeInterval(-Double(interval) * Double(unit.seconds)) }
}

extension Sweep {
    /// Removes old records from the streams' logs; the newest record of a stream always stays.
    /// - Returns: `nil` while it is switched off.
    public static func logs(of store: Store, _ configuration: LogRetentionConfiguration) -> Sweep? {
        guard configuration.isActive else { return nil }
        return Sweep(name: "log records", interval: configuration.checkInterval) { now in
            try await store.deleteStreamLogs(account: nil, before: configuration.bound(at: now))
        }
    }
}
