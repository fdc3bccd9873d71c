import Foundation
import JSON
public import Records
import Store

// Who is told of an anonymisation, and what it costs.
extension CoverRunner {
    public var patience: JobPatience? {
        JobPatience(
            CoverRequest.keeping, withoutUpload: "The upload was not completed within 7 days",
            withoutApproval: "The job was not approved within 7 days")
    }

    /// That an approval is waited for, and its end.
    public func reports(of job: Job) async throws -> [JobReport] {
        guard job.state == .waitingForApproval || job.state.isFinal else { return [] }
        let callbacks = try await store.callbacks(ofJob: job)
        guard !callbacks.isEmpty else { return [] }
        let report = try await CoverReport(of: job, in: store) { try await links($0, job, $1) }
        let body = JSONText(report.json)
        return callbacks.map { JobReport(to: $0, body) }
    }

    /// Reserves what a job costs that nobody has to approve of.
    /// - Throws: `JobFailure` where its account has less.
    func charge(_ cost: Int, of job: Job) async throws {
        let request = CoverRequest(job.parameters)
        guard request.needsNoApproval else { return }
        do {
            try await store.charge(cost, toJob: job.id, limit: request.creditLimit)
        } catch StoreError.notEnoughCredits(let left) {
            throw JobFailure(CoverRequest.shortage(cost: cost, left: left))
        }
    }
    /// Gives back what was reserved for files that failed.
    func settle(_ job: Job) async throws {
        var cost: Int64 = 0, last = -1
        while true {
            let items = try await store.items(ofJob: job.id, after: last, in: .done)
            guard let end = items.last else { break }
            last = end.number
            cost += items.reduce(0) { $0 + ($1.facts["cost"]?.integer ?? 0) }
        }
        try await store.charge(Int(cost), toJob: job.id)
    }
}

extension CoverRequest {
    /// What is said where an account has too few credits.
    public static func shortage(cost: Int, left: Int) -> String {
        "Not enough credits: the job costs \(cost), and \(left) are left"
    }
}
