import Foundation
import JSON
import Jobs
import Records

/// How an anonymisation fares (`docs/contract/jobs.md` §6.5).
struct JobReport: Sendable {
    let job: Job
    /// Of one that is under way.
    let progress: JobProgress?
    let items: [JobItem]
    /// By the names of results.
    let links: [String: String]

    private static let failed = 200, done = 100
    private var request: CoverRequest { CoverRequest(job.parameters) }
    private var tally: JobTally { progress?.tally ?? job.tally }

    private var status: Int {
        switch job.state {
        case .created, .waitingForUpload: -1
        case .waitingForApproval, .queued: 0
        case .running: tally.percent(.running)
        case .done: Self.done
        case .failed, .cancelled: Self.failed
        }
    }
    private var description: String {
        switch job.state {
        case .created: "Looking at what was uploaded"
        case .waitingForUpload: "Waiting for upload"
        case .waitingForApproval: "Waiting for approval"
        case .queued: "Queued"
        case .running:
            "Running, \(tally.weightDone) of \(tally.weight) \(tally.weight > tally.items ? "frames" : "files")"
        case .done: tally.failed > 0 ? "Completed, \(tally.failed) of \(tally.items) files failed" : "Completed"
        case .failed: job.error ?? "Failed"
        case .cancelled: "Job cancelled"
        }
    }

    private func task(_ item: JobItem) -> JSONValue {
        let output = item.facts["output"]?.string
        let status: Int, text: String
        switch item.state {
        case .done: (status, text) = (Self.done, "Completed")
        case .failed: (status, text) = (Self.failed, item.error ?? "Failed")
        case .pending where job.state.isFinal: (status, text) = (Self.failed, description)
        case .pending where items.count == 1: (status, text) = (self.status, description)
        case .pending where item.weightDone > 0:
            (status, text) = (max(1, 99 * item.weightDone / max(1, item.weight)), "Running")
        case .pending: (status, text) = (0, "Queued")
        }
        let link = item.state == .done && job.state == .done ? output.flatMap { links[$0] } : nil
        return [
            "task_id": .string("\(job.id.wire)-\(item.number)"), "input_file": .string(item.name),
            "output_file": .string(output ?? item.name), "download_link": link.map { .string($0) } ?? .null,
            "task_status": .integer(Int64(status)), "task_status_description": .string(text),
            "credit_cost": item.facts["cost"] ?? 0,
        ]
    }

    var json: JSONValue {
        [
            "job_id": .string(job.id.wire), "job_status": .integer(Int64(status)),
            "job_status_description": .string(description), "tasks": .array(items.map(task)),
            "job_total_credit_cost": .integer(
                items.reduce(0) { $0 + ($1.state == .failed ? 0 : $1.facts["cost"]?.integer ?? 0) }),
            "created_at": .string(job.createTime.rfc3339), "input_file": .string(request.fileName), "model": "blur",
            "model_config": request.configuration,
        ]
    }
}
