import Foundation
import JSON
import Records

/// A job that the engine knows, with what is known only while the process lives.
struct ActiveJob {
    /// What is being done about it apart from its items.
    enum Step { case idle, beginning, listing, fetching, finishing }
    /// Of what was done, not yet written down.
    static let unwrittenLimit = 256
    /// Items that are read ahead.
    static let portion = 500

    var job: Job
    /// Of the look at the database before which it was known.
    let look: Int
    var step = Step.idle
    var hasBegun: Bool
    var pending: [JobItem] = []
    /// Of the latest that was read.
    var last = -1
    var isReadToEnd = false
    var meters: [Int: (meter: JobMeter, item: JobItem)] = [:]
    var tasks: [Int: Task<Void, Never>] = [:]
    /// Those that somebody does not want any more, with the reason that is written down.
    var refused: [Int: String] = [:]
    /// Items that are done and not yet written down.
    var unwritten = 0
    var stepTask: Task<Void, Never>?
    var pace = JobPace()
    var isCancelled = false
    /// Why it waits and is tried again, where its clients are to know.
    var hindrance: String?
    /// Of one whose answer somebody waits for.
    var attendance: Attendance?

    struct Attendance {
        /// Resumed with whether it is its turn; `nil` afterwards.
        var start: CheckedContinuation<Bool, Never>?
        var hasPlace = false
        /// Ends the work.
        var cancel: (@Sendable () -> Void)?
    }

    init(_ job: Job, look: Int, attendance: Attendance? = nil) {
        (self.job, self.look, self.attendance) = (job, look, attendance)
        hasBegun = job.state == .running
    }

    /// Places that it has.
    var placeCount: Int {
        if let attendance { return attendance.hasPlace ? 1 : 0 }
        return tasks.count + (step == .finishing ? 1 : 0)
    }
    /// Of those for listing.
    var listingCount: Int { step == .listing ? 1 : 0 }
    /// Whether it could use one more.
    func wantsPlace(_ runner: (any JobRunner)?) -> Bool {
        if let attendance { return !isCancelled && attendance.start != nil }
        guard let runner, !isCancelled, step == .idle || step == .fetching else { return false }
        if job.state == .created { return step == .idle }
        if isOver { return step == .idle }
        return hasBegun && !pending.isEmpty && tasks.count < runner.itemsAtOnce && unwritten < Self.unwrittenLimit
    }
    /// Whether all its items are over.
    var isOver: Bool { hasBegun && isReadToEnd && pending.isEmpty && tasks.isEmpty && unwritten == 0 }

    /// With what is done of items that are not over.
    var tally: JobTally {
        var tally = job.tally
        if attendance != nil, let meter = meters[0]?.meter, let total = meter.total {
            (tally.weight, tally.weightDone) = (total, min(meter.done, total))
            return tally
        }
        for (meter, item) in meters.values {
            guard let total = meter.total, total > 0 else { continue }
            let done = Int(Double(item.weight) * Double(min(meter.done, total)) / Double(total))
            tally.weightDone += max(0, done - item.weightDone)
        }
        tally.weightDone = min(tally.weightDone, tally.weight)
        return tally
    }
}
