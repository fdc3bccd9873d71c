import CFFmpeg
import Foundation
import Records
import Scene

/// Gives each frame of one source its `MediaTime`: 0 for the first frame plus the stream's start time, then strictly
/// growing.
///
/// A label that is missing, or less than a second back, is replaced by half a nominal frame after the frame before
/// (half, so that one bad label does not push all later ones out of place). A label further back, or further ahead than
/// any sane gap, means that the source's clock was set anew: time goes on by one nominal frame, or by what went by at the server of a
/// live stream, from there by the labels.
///
/// Labels of an RTSP camera count from anywhere until a sender report ties them to its clock. `auto` begins with the server's
/// time, goes over to the camera's when a report comes that is less than a day off, and follows no other; `pts` waits for a report.
struct Timeline {
    /// What is known of the source when it is open.
    struct Facts {
        var kind: SourceSpecification.Kind
        var timeBase: AVRational
        /// Whether the container has labels at all; raw H.264 has none.
        var hasLabels: Bool
        /// Over RTSP: how long `pts` waits for the sender report before which a live stream's labels mean nothing.
        var reportPatience: Duration?
        /// `nil` when unknown.
        var frameRate: AVRational?

        /// - Parameters:
        ///   - timeBase: seconds per tick of a label, as numerator and denominator.
        ///   - frameRate: frames per second, likewise.
        init(
            kind: SourceSpecification.Kind, timeBase: (Int32, Int32), hasLabels: Bool, frameRate: (Int32, Int32)?,
            reportPatience: Duration? = nil
        ) {
            (self.kind, self.hasLabels, self.reportPatience) = (kind, hasLabels, reportPatience)
            self.timeBase = AVRational(num: timeBase.0, den: timeBase.1)
            self.frameRate = frameRate.map { AVRational(num: $0, den: $1) }
        }
    }
    private enum Clock { case labels, server, frameRate }

    /// Labels of a file further from its beginning than so many seconds are not correct.
    static let longestFile: Double = 1e5
    /// Labels of a live stream that step forward by so many seconds more than went by were set anew.
    private static let longestLiveGap: Double = 10
    /// Labels of a live stream further from the server's clock than so many seconds are not correct.
    static let largestClockError: Double = 86400
    /// No stream is longer than so many nanoseconds (158 years): beyond, adding up would overflow.
    private static let longestStream: Int64 = 5_000_000_000_000_000_000
    /// Frames are no further apart than so many nanoseconds, whatever a container says.
    private static let longestPeriod: Int64 = 3_600_000_000_000
    /// How long frames of an RTSP stream may come without labels before the server's clock is taken.
    private static let labelPatience: Duration = .seconds(1)
    private static let nanoseconds = AVRational(num: 1, den: 1_000_000_000)

    /// When label 0 was by the camera's clock, once a sender report has told it.
    var wallClockOrigin: Date?
    /// About when the next frame was taken, by the latest sender report; `nil` when it does not tell.
    var reportedTime: Date?

    private let choice: SourceSpecification.TimestampSource
    private let facts: Facts
    private let startTime: MediaTime
    private let period: Int64
    private var clock: Clock?
    private var firstLabel: Int64 = 0
    /// Of the first frame, and of the one that the clock was chosen with.
    private var firstArrival, start: ContinuousClock.Instant?
    private var camera: CameraClock?
    /// Added to labels since the source's clock was last set anew, in nanoseconds.
    private var offset: Int64 = 0
    /// Of the latest frame: time of day, and nanoseconds since the first.
    private var last: (time: Date, elapsed: Int64)?
    /// When the latest frame was received, in nanoseconds since the clock was chosen.
    private var lastArrival: Int64 = 0
    /// The time of day at label 0 by a sender report from before the labels jumped, which says nothing of those after; as FFmpeg tells it
    /// of this and so many more frames, since it may say of one what is so of the next.
    private var staleReport: (origin: Date, frames: Int)?
    private static let framesOfLag = 3

    /// Refuses what is already known not to fit.
    /// - Parameter startTime: in seconds.
    init(_ choice: SourceSpecification.TimestampSource, startTime: Double, facts: Facts) throws(MediaError) {
        (self.choice, self.facts) = (choice, facts)
        self.startTime = MediaTime(seconds: startTime)
        let period = facts.frameRate.map { av_rescale_q(1, av_inv_q($0), Self.nanoseconds) } ?? 40_000_000
        self.period = min(max(period, 1), Self.longestPeriod)
        switch choice {
        case .server where facts.kind == .file:
            throw .timestampsUnavailable(.server, "a file has no server time; wanted auto, pts or frame_rate")
        case .frameRate where facts.kind == .stream:
            throw .timestampsUnavailable(.frameRate, "a live stream has no fixed rate; wanted auto, pts or server")
        case .frameRate where facts.frameRate == nil:
            throw .timestampsUnavailable(.frameRate, "the file does not tell its frame rate")
        case .pts where !facts.hasLabels:
            throw .timestampsUnavailable(.pts, "the source has no time stamps")
        default: break
        }
    }

    /// The time of the next frame. Call once per frame, in order of display.
    /// - Parameters:
    ///   - index: frames before this one.
    ///   - label: in units of the time base; `nil` when the frame has none.
    ///   - arrival: when the frame was received.
    ///   - wallClock: the server's, then.
    /// - Returns: `nil` when the frame comes too early to have a time.
    mutating func time(
        index: Int, label: Int64?, arrival: ContinuousClock.Instant, wallClock: Date
    ) throws(MediaError) -> FrameTime? {
        let firstArrival = self.firstArrival ?? arrival
        self.firstArrival = firstArrival
        if clock == nil {
            clock = try choose(label: label, waited: arrival - firstArrival, wallClock: wallClock)
            start = arrival
        }
        let sinceStart = Int64((arrival - (start ?? arrival)).seconds * 1e9)
        if choice == .auto, clock == .server { tieToCamera(label, at: sinceStart, wallClock: wallClock) }
        var elapsed: Int64
        switch clock {
        case nil: return nil
        case .labels: elapsed = fromLabel(label, arrival: sinceStart)
        case .server: elapsed = sinceStart
        case .frameRate: elapsed = av_rescale_q(Int64(index), av_inv_q(facts.frameRate!), Self.nanoseconds)
        }
        if let last, elapsed <= last.elapsed { elapsed = last.elapsed + max(1, clock == .server ? 1_000 : period / 2) }
        guard elapsed <= Self.longestStream else {
            throw .timestampsUnavailable(choice, "they reach further than a hundred years")
        }
        lastArrival = sinceStart
        let reported = believedTime(label, at: wallClock)
        let time = camera?.time(at: elapsed, reported: reported) ?? wallClock
        last = (time, elapsed)
        return FrameTime(
            index: index, pts: MediaTime(nanoseconds: startTime.nanoseconds + elapsed), wallClock: time,
            clockStep: camera?.step ?? 0, label: label.flatMap { MediaTime(label: $0, facts.timeBase) })
    }

    /// Chooses the clock by the first frame; `nil`: by a later one.
    private mutating func choose(label: Int64?, waited: Duration, wallClock: Date) throws(MediaError) -> Clock? {
        firstLabel = label ?? 0
        switch choice {
        case .server: return .server
        case .frameRate: return .frameRate
        // FFmpeg gives the first picture over RTSP no label, though the server did.
        case _ where label == nil && facts.reportPatience != nil && waited < Self.labelPatience: return nil
        case .pts:
            if let patience = facts.reportPatience, facts.kind == .stream {
                if let label, let time = cameraTime(label) {
                    camera = CameraClock(time, at: 0, after: nil)
                    return .labels
                }
                guard waited <= patience else {
                    throw .timestampsUnavailable(
                        .pts,
                        "the camera sent no sender report (RTCP) within \(patience.text), so its time is not known")
                }
                return nil
            }
            guard label != nil else {
                throw .timestampsUnavailable(.pts, "the first frame has no time stamp")
            }
            return .labels
        case .auto where facts.reportPatience != nil && facts.kind == .stream: return .server
        case .auto:
            if let label, facts.hasLabels, isCorrect(label, at: wallClock) { return .labels }
            if facts.kind == .stream { return .server }
            guard facts.frameRate != nil else {
                throw .timestampsUnavailable(.auto, "the file has neither time stamps nor a frame rate")
            }
            return .frameRate
        }
    }

    /// When the frame of `label` was taken, by the camera's clock.
    private func cameraTime(_ label: Int64) -> Date? {
        wallClockOrigin.map { $0 + Double(label) * av_q2d(facts.timeBase) }
    }

    /// The time of day at label 0, if it was `time` at `label`.
    private func origin(of time: Date, _ label: Int64) -> Date { time - Double(label) * av_q2d(facts.timeBase) }

    /// What the latest sender report tells, unless it is too far off to be followed by `auto`.
    private mutating func believedTime(_ label: Int64?, at wallClock: Date) -> Date? {
        if let stale = staleReport, let reportedTime, let label {
            let origin = origin(of: reportedTime, label)
            if stale.frames > 0 {
                staleReport = (origin, stale.frames - 1)
                return nil
            }
            guard abs(origin.timeIntervalSince(stale.origin)) > CameraClock.tolerance else { return nil }
            staleReport = nil
        }
        guard choice == .auto, facts.kind == .stream else { return reportedTime }
        return reportedTime.flatMap { abs($0.timeIntervalSince(wallClock)) < Self.largestClockError ? $0 : nil }
    }

    /// Goes over from the server's clock to the camera's when that is known and not far off.
    private mutating func tieToCamera(_ label: Int64?, at elapsed: Int64, wallClock: Date) {
        guard let label, let time = cameraTime(label), isCorrect(label, at: wallClock),
            let camera = CameraClock(time, at: elapsed, after: last)
        else { return }
        self.camera = camera
        (clock, firstLabel, offset) = (.labels, label, elapsed)
    }

    /// A file's labels are measured from its first, which is correct by that; a live stream's from the server's clock.
    private func isCorrect(_ label: Int64, at wallClock: Date) -> Bool {
        guard facts.kind == .stream else { return true }
        let seconds = Double(label) * av_q2d(facts.timeBase)
        let origin = wallClockOrigin?.timeIntervalSince1970 ?? 0
        return abs(origin + seconds - wallClock.timeIntervalSince1970) < Self.largestClockError
    }

    /// - Parameter arrival: of the frame, in nanoseconds since the clock was chosen.
    private mutating func fromLabel(_ label: Int64?, arrival: Int64) -> Int64 {
        guard let last = last?.elapsed else { return 0 }
        guard let label else { return last + max(1, period / 2) }
        // Labels are what a file or a camera says, so the step is judged before anything is added up in whole numbers.
        let ticks = Double(label) - Double(firstLabel)
        let step = ticks * av_q2d(facts.timeBase) * 1e9 + Double(offset) - Double(last)
        // A live camera cannot have been away for longer than its server waited for it.
        let passed = arrival - lastArrival
        let longest = facts.kind == .file ? Self.longestFile * 1e9 : Double(passed) + Self.longestLiveGap * 1e9
        guard step >= -1e9, step <= longest else {
            let next = last + max(period, facts.kind == .file ? 0 : passed)
            (firstLabel, offset) = (label, next)
            if facts.kind == .stream, reportedTime != nil { staleReport = (.distantPast, Self.framesOfLag) }
            return next
        }
        return av_rescale_q(label &- firstLabel, facts.timeBase, Self.nanoseconds) &+ offset
    }
}

extension MediaTime {
    /// The time that a label means, counted from where labels are; `nil` for one that nobody could mean.
    init?(label: Int64, _ timeBase: AVRational) {
        // 63 years: labels may be times of day.
        let seconds = Double(label) * av_q2d(timeBase)
        guard abs(seconds) < 2e9, timeBase.den > 0 else { return nil }
        self.init(nanoseconds: av_rescale_q(label, timeBase, AVRational(num: 1, den: 1_000_000_000)))
    }
}
