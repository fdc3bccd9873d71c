import CFFmpeg
import Foundation
import Frames
import Glibc
import Scene

/// What is told of a source that is looked at closely, by its thread.
struct SourceSurvey {
    /// Between two words.
    private static let pause: Duration = .milliseconds(100)
    private static let largestOffset: Double = 1e9

    private let hasLabels: Bool
    private var facts: SourceFacts
    private var packets: PacketSurvey
    private let began = ContinuousClock.now
    private var lastTold: ContinuousClock.Instant?
    private let processorTime = Self.processorTime
    private var clockOffset: Double?

    /// - Parameter isLive: whether packets come when they are made.
    init(_ demuxer: Demuxer, over transport: SourceFacts.Transport, isLive: Bool) {
        (hasLabels, facts) = (demuxer.hasLabels, demuxer.facts(over: transport))
        packets = PacketSurvey(isLive: isLive)
    }

    /// Takes the packet that was read last.
    mutating func look(at demuxer: Demuxer) {
        let packet = demuxer.currentPacket.pointee, timeBase = av_q2d(demuxer.stream.pointee.time_base)
        func seconds(_ label: Int64) -> Double? { hasLabels && label != sl_no_pts ? Double(label) * timeBase : nil }
        packets.add(
            stamp: seconds(packet.dts) ?? seconds(packet.pts), isKeyframe: packet.flags & AV_PKT_FLAG_KEY != 0,
            byteCount: max(0, Int(packet.size)), arrival: (ContinuousClock.now - began).seconds)
        guard let origin = demuxer.wallClockOrigin, let label = seconds(packet.pts) else { return }
        let taken = demuxer.reportedTime ?? origin + label
        clockOffset = taken.timeIntervalSinceNow
    }

    /// What is known, when it is time to tell it.
    /// - Parameter isLast: whether nothing follows.
    mutating func told(isLast: Bool) -> SourceFacts? {
        let now = ContinuousClock.now
        if !isLast, let lastTold, now - lastTold < Self.pause { return nil }
        lastTold = now
        var told = facts
        told.seen = packets.seen
        if let clockOffset, abs(clockOffset) < Self.largestOffset {
            (told.seen.stamps, told.seen.clockOffset) = (.cameraClock, clockOffset)
        }
        told.seen.processorTime = Self.processorTime - processorTime
        return told
    }

    /// Of the thread that asks, in seconds.
    private static var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
