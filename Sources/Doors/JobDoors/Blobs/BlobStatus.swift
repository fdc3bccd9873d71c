import JSON
import Records

/// A blob as its clients see it.
struct BlobStatus: Sendable {
    let job: Job

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

    var wire: JSONValue {
        var wire: [String: JSONValue] = [
            "blob_id": .string(job.id.wire), "labels": error == nil ? job.result?.value ?? [] : [],
            "status": .string(word),
        ]
        if let error { wire["error"] = .string(error) }
        return .object(wire)
    }
}
