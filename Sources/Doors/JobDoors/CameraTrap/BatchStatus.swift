import Foundation
import JSON
import Jobs
import Records

/// How a batch fares, in the words of its clients (`docs/contract/jobs.md` §3.4).
struct BatchStatus: Sendable {
    /// Pictures that the original gives to one machine at a time.
    private static let shard = 2000
    let job: Job
    /// Of one that is under way.
    let progress: JobProgress?
    /// To the results.
    let link: String?
    /// To those that there are before it is over.
    var partialLink: String?

    /// `request_status`. A batch that is being listed runs, for clients know no other word for it.
    static func word(of state: JobState) -> String {
        switch state {
        case .created, .waitingForUpload, .waitingForApproval, .queued, .running: "running"
        case .done: "completed"
        case .failed: "failed"
        case .cancelled: "canceled"
        }
    }

    private var tally: JobTally { progress?.tally ?? job.tally }

    private var message: JSONValue {
        switch job.state {
        case .created, .waitingForUpload, .waitingForApproval:
            return "Request received. Listing images next..."
        case .queued: return .string("\(tally.items) images listed; submitting the job...")
        case .running where progress?.hindrance != nil:
            return .string(
                "Please contact us to retrieve the results. Error occurred while aggregating results: \(progress?.hindrance ?? "")"
            )
        case .running:
            let shards = (tally.items + Self.shard - 1) / Self.shard, over = tally.done + tally.failed
            return .string(
                "Check number \(max(1, over)), \(over / Self.shard) out of \(shards) shards have completed successfully, 0 shards have failed."
            )
        case .done:
            guard let link else { return job.result?.value ?? .null }
            return ["num_failed_shards": 0, "output_file_urls": ["detections": .string(link)]]
        case .failed: return .string(job.error ?? "")
        case .cancelled: return "Request has been canceled by the user."
        }
    }

    func wire(endpoint: String) -> JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number(($0 * 1000).rounded() / 1000) } ?? .null }
        let tally = tally
        var status: [String: JSONValue] = [
            "request_status": .string(
                job.state == .running && progress?.hindrance != nil ? "problem" : Self.word(of: job.state)),
            "message": message,
            "images_done": .integer(Int64(tally.done)), "images_failed": .integer(Int64(tally.failed)),
            "percent": .integer(Int64(tally.percent(job.state))),
        ]
        if job.state != .created { status["num_images"] = .integer(Int64(tally.items)) }
        if !job.state.isFinal {
            status["images_per_second"] = number(progress?.rate)
            status["seconds_left"] = number(progress?.secondsLeft)
        }
        if let partialLink { status["partial_results_url"] = .string(partialLink) }
        let time = JSONValue.string((job.endTime ?? job.startTime ?? job.createTime).microseconds)
        let id = JSONValue.string(job.id.bare), state = JSONValue.object(status)
        // The names of earlier versions too.
        return [
            "Status": state, "Endpoint": .string(endpoint), "TaskId": id, "Timestamp": time, "status": state,
            "endpoint": .string(endpoint), "uuid": id, "timestamp": time,
        ]
    }
}
