public import JSON
public import Records

/// Does the work of one kind of job. What it throws is written down beside the item, for whoever sent it; only while the database is
/// away it is asked again.
public protocol JobRunner: Sendable {
    var kind: JobKind { get }
    /// Items of one job that may be worked on at once.
    var itemsAtOnce: Int { get }
    /// Whether a job of which every item has failed has failed itself.
    var failsWithItsItems: Bool { get }
    /// Finds out what a job in state `created` has to work on, and adds it in the store. The process after one that is killed
    /// meanwhile begins it anew.
    /// - Returns: what is known of the result by then; `nil`: nothing.
    /// - Throws: `JobFailure` where nothing can be done.
    func list(_ job: Job) async throws -> JSONText?
    /// What a job is once it is known what it has to work on.
    func stateAfterListing(_ job: Job) -> JobState
    /// Does the work on one item, from its checkpoint on if it has one.
    /// - Parameter meter: is told how far it is, of the item's weight.
    /// - Returns: what was found, in the words of the kind's door.
    /// - Throws: `JobFailure` for what is wrong with the item.
    func run(_ item: JobItem, of job: Job, _ meter: JobMeter) async throws -> JSONText
    /// Makes of what was found what the job results in; called when all its items are over, and again by the next process where
    /// this one is killed meanwhile.
    /// - Returns: what the job comes to; `nil`: what `list` has said.
    /// - Throws: `JobFailure` where it comes to nothing; any other error is tried again.
    func finish(_ job: Job) async throws -> JSONText?
    /// How long an upload and its approval are waited for; `nil`: until somebody removes the job.
    var patience: JobPatience? { get }
    /// What is told of a job that comes to the state which it has here, and to whom: it is due when it has come to it, and not
    /// otherwise. Asked once for each try.
    func reports(of job: Job) async throws -> [JobReport]
}
extension JobRunner {
    public var failsWithItsItems: Bool { true }
    public func list(_ job: Job) async throws -> JSONText? { nil }
    public func stateAfterListing(_ job: Job) -> JobState { .queued }
    public func finish(_ job: Job) async throws -> JSONText? { nil }
    public var patience: JobPatience? { nil }
    public func reports(of job: Job) async throws -> [JobReport] { [] }
}

/// For how long a job waits for what somebody has to do, and why it has failed after that.
public struct JobPatience: Hashable, Sendable {
    /// From when it was handed in.
    public var duration: Duration
    public var withoutUpload, withoutApproval: String
    public init(_ duration: Duration, withoutUpload: String, withoutApproval: String) {
        (self.duration, self.withoutUpload, self.withoutApproval) = (duration, withoutUpload, withoutApproval)
    }
}

/// Why an item or a job comes to nothing, in a sentence for whoever sent it.
public struct JobFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// Somebody has cancelled the job whose answer is waited for.
public struct JobCancelled: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String { "The job was cancelled" }
    public init() {}
}
