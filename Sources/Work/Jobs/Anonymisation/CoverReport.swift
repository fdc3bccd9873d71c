public import Foundation
public import JSON
public import Records
public import Store

/// How an anonymisation fares, as its clients see it and are told of it (`docs/contract/jobs.md` §6.5).
public struct CoverReport: Sendable {
    private let job: Job
    /// Of one that is under way.
    private let progress: JobProgress?
    private let items: [JobItem]
    /// By the names of results.
    private let links: [String: String]

    init(job: Job, progress: JobProgress? = nil, items: [JobItem], links: [String: String] = [:]) {
        (self.job, self.progress, self.items, self.links) = (job, progress, items, links)
    }
    /// - Parameter link: where a result is found until a time.
    public init(
        of job: Job, progress: JobProgress? = nil, in store: Store,
        link: (_ output: String, _ until: Date) async throws -> String?
    ) async throws {
        var items: [JobItem] = [], links: [String: String] = [:]
        while true {
            let more = try await store.items(ofJob: job.id, after: items.last?.number ?? -1)
            items += more
            if more.isEmpty { break }
        }
        if job.state == .done {
            let expiry = job.expiry ?? Date.now.addingTimeInterval(CoverRequest.keeping / .seconds(1))
            for item in items where item.state == .done {
                guard let output = item.facts["output"]?.string else { continue }
                links[output] = try await link(output, expiry)
            }
        }
        self.init(job: job, progress: progress, items: items, links: links)
    }

    private static let failed = 200, done = 100
    private var request: CoverRequest { CoverRequest(job.parameters) }
    private var tally: JobTally { progress?.tally ?? job.tally }

    private var status: Int {
        switch job.state {
        case .created, .waitingForUpload: -1
        case .waitingForApproval, .queued: 0
        case .running where progress?.hindrance != nil: Self.done - 1
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
        case .running where progress?.hindrance != nil: "Waiting for room: \(progress?.hindrance ?? "")"
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

    public var json: JSONValue {
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
