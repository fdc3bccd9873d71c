public import JSON
public import Records

/// A blob as its clients see it, and are told of it.
public struct BlobStatus: Sendable {
    private let job: Job
    public init(_ job: Job) { self.job = job }

    private var word: String {
        switch job.state {
        case .created, .waitingForUpload, .waitingForApproval: "waiting_for_upload"
        case .queued, .running: "processing"
        case .done: "done"
        case .failed, .cancelled: "failed"
        }
    }
    private var error: String? {
        switch job.state {
        case .failed: job.error ?? "The blob could not be labelled"
        case .cancelled: "The blob was cancelled"
        default: nil
        }
    }
    /// None before they are known.
    var labels: JSONValue { error == nil ? job.result?.value ?? [] : [] }

    public var wire: JSONValue {
        var wire: [String: JSONValue] = [
            "blob_id": .string(job.id.wire), "labels": labels, "status": .string(word),
        ]
        if let error { wire["error"] = .string(error) }
        return .object(wire)
    }
}
