import Foundation
public import Records

/// Everything an operator may tune about jobs.
public struct JobConfiguration: Hashable, Sendable {
    /// Items of all jobs that are worked on at once. At least 1.
    public var places: Int = ProcessInfo.processInfo.activeProcessorCount + 1
    /// How long jobs are kept after their end whose doors promise nothing else, in days.
    public var days: Int = 7
    var keeping: Duration { .seconds(86_400 * days) }

    public init() {}

    public static let settings: [Setting<JobConfiguration>] = [
        Setting("jobs.places", \.places, in: 1...1024),
        Setting("jobs.days", \.days, in: 1...3650),
    ]
}
