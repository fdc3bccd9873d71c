public import Foundation
public import Logging
public import ServiceLifecycle
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
    public var isActive: Bool
    /// In `unit`, at least 1: older records are removed.
    public var interval: Int
    public var unit: Unit
    /// Between two removals.
    public var checkInterval: Duration
    public init(
        isActive: Bool = false, interval: Int = 7, unit: Unit = .days, checkInterval: Duration = .seconds(180)
    ) {
        (self.isActive, self.interval, self.unit, self.checkInterval) = (isActive, interval, unit, checkInterval)
    }

    /// Records before this instant are old.
    func bound(at now: Date) -> Date { now.addingTimeInterval(-Double(interval) * Double(unit.seconds)) }
}

/// Removes old records from the streams' logs, again and again; the newest record of a stream always stays.
public struct LogRetention: Service {
    private let store: Store
    private let configuration: LogRetentionConfiguration
    private let logger: Logger
    public init(store: Store, configuration: LogRetentionConfiguration, logger: Logger) {
        (self.store, self.configuration, self.logger) = (store, configuration, logger)
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                await removeOldRecords(at: .now)
            } while (try? await Task.sleep(for: configuration.checkInterval)) != nil
        }
    }

    func removeOldRecords(at now: Date) async {
        do {
            let count = try await store.deleteStreamLogs(account: nil, before: configuration.bound(at: now))
            if count > 0 { logger.debug("Old log records removed", metadata: ["count": "\(count)"]) }
        } catch {
            logger.error("Old log records cannot be removed", metadata: ["error": "\(error)"])
        }
    }
}
