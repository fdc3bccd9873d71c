/// Through which door a job came, which says what is done with its items.
public enum JobKind: String, Sendable, CaseIterable {
    /// `POST /6/videosdk`.
    case videosdk
    case cameraTrap = "camera_trap"
    case tagging
    case blob
    case anonymisation
}

/// Where a job stands.
public enum JobState: String, Sendable, CaseIterable {
    /// What it has to work on is being listed.
    case created
    case waitingForUpload = "waiting_for_upload"
    case waitingForApproval = "waiting_for_approval"
    /// It has not begun.
    case queued
    case running
    /// At least one of its items is done, or it had none.
    case done
    case failed
    case cancelled

    /// Whether nothing comes after it.
    public var isFinal: Bool { self == .done || self == .failed || self == .cancelled }
    public static let final: [JobState] = [.done, .failed, .cancelled]
    /// Those that may follow.
    public var successors: Set<JobState> {
        switch self {
        case .created: [.waitingForUpload, .waitingForApproval, .queued, .done, .failed, .cancelled]
        case .waitingForUpload: [.created, .waitingForApproval, .queued, .failed, .cancelled]
        // What was sent may be replaced until then.
        case .waitingForApproval: [.created, .queued, .failed, .cancelled]
        case .queued: [.running, .done, .failed, .cancelled]
        case .running: [.done, .failed, .cancelled]
        case .done, .failed, .cancelled: []
        }
    }
}

/// What became of one of a job's items.
public enum JobItemState: String, Sendable, CaseIterable {
    case pending, done, failed
}
