public import Foundation
public import Logging
public import Records

/// What an operator may say of the daemon as a whole.
public struct DaemonConfiguration: Sendable {
    /// The folder that holds `analytics/`; empty: it is looked for.
    public var home = ""
    /// Where the database, downloads and `initial-account.json` are kept; one process at a time.
    public var dataFolder = URL(fileURLWithPath: "sightline-data")
    public var logLevel = Logger.Level.info
    /// Registered as analytics that accept any parameters and produce nothing.
    public var noopAnalytics: [String] = []

    /// Whether a crash may leave a core file, in which all secrets can be read.
    public var leavesCoreFiles = false

    public init() {}

    public static let settings: [Setting<DaemonConfiguration>] = [
        Setting("home", \.home),
        Setting("data_dir", \.dataFolder),
        Setting("log_level", \.logLevel),
        Setting("core_files", \.leavesCoreFiles),
        Setting("noop_analytics", \.noopAnalytics, separator: ","),
    ]
}
