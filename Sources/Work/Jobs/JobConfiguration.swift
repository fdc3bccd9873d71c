import Foundation
public import Records

/// Everything an operator may tune about jobs.
public struct JobConfiguration: Hashable, Sendable {
    /// Items of all jobs that are worked on at once. At least 1.
    public var places: Int = ProcessInfo.processInfo.activeProcessorCount + 1
    /// How long jobs are kept after their end whose doors promise nothing else, in days.
    public var days: Int = 7
    var keeping: Duration { .seconds(86_400 * days) }
    /// How long a client of `/6/videosdk` waits at most, the time until it is his turn included.
    public var videoTimeout: Duration = .seconds(600)
    /// Bytes of a video that is looked at there.
    public var videoSizeLimit = 1 << 30
    /// How long such a video may be.
    public var videoDurationLimit: Duration = .seconds(3600)
    /// Bytes of the answer about it.
    public var videoAnswerLimit = 128 << 20
    /// Between two tries of what found no room. Not a setting.
    public var roomPause = Duration.seconds(10)

    public init() {}

    public static let settings: [Setting<JobConfiguration>] = [
        Setting("jobs.places", \.places, in: 1...1024),
        Setting("jobs.days", \.days, in: 1...3650),
        Setting("jobs.videosdk_timeout", \.videoTimeout, seconds: 1...86_400),
        Setting("jobs.videosdk_size_limit", \.videoSizeLimit, in: 1024...1 << 40),
        Setting("jobs.videosdk_duration_limit", \.videoDurationLimit, seconds: 1...86_400),
        Setting("jobs.videosdk_answer_limit", \.videoAnswerLimit, in: 1 << 20...1 << 34),
    ]
}
