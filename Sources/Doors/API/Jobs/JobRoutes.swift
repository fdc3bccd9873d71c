import Foundation
import HTTPEdge
import Hummingbird
import JSON
import Jobs
import Records
import Store

/// `/6/jobs`, `/6/jobs/{job_id}`, `/6/jobs/{job_id}/items`, `/6/jobs/{job_id}/result`: work on what was sent through any door, how far it is,
/// what came of it, and its end. How one is handed in here: `JobRoutes+Covers.swift`.
struct JobRoutes: Sendable {
    let services: Services
    var store: Store { services.store }

    func add(to table: ResourceTable) {
        table.add(
            "/6/jobs", .get(.right(.task, .view), list),
            .post(.right(.task, .creation), body: .bytes(limit: CoverRequest.largest), create))
        table.add(
            "/6/jobs/{job_id}", .get(.right(.task, .view), one), .patch(.right(.task, .modification), act),
            .delete(.right(.task, .deletion), delete))
        table.add("/6/jobs/{job_id}/items", .get(.right(.task, .view), items))
        table.add("/6/jobs/{job_id}/result", .get(.right(.task, .view), result), .head(.right(.task, .view), result))
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        let query = call.query
        let filter = try query.filter(FilterField<Job>.all, account: call.caller.scope(query))
        var jobs: [JSONValue] = []
        for job in try await store.jobs(filter, page: query.page()) {
            jobs.append(job.wire(await services.jobs.progress(of: job.id)))
        }
        return .json(["jobs": .array(jobs)])
    }

    @Sendable private func one(_ call: Call) async throws -> Response {
        let job = try await job(call)
        return .json(job.wire(await services.jobs.progress(of: job.id)))
    }

    /// From the item after `after` on, so that a page costs the same wherever it begins.
    @Sendable private func items(_ call: Call) async throws -> Response {
        let query = call.query
        let after = try query.integer("after", in: -1...Int(Int32.max)) ?? -1
        let state: JobItemState? = try query.choice("state")
        let limit = try query.integer("page_size", in: 1...1000) ?? 100
        let job = try await job(call)
        let items = try await store.items(ofJob: job.id, after: after, in: state, limit: limit)
        return .json(["items": .array(items.map(\.wire))])
    }

    func job(_ call: Call) async throws -> Job {
        let id = try call.id("job_id")
        guard let job = try await store.job(id: id, account: call.caller.scope(call.query)) else {
            throw APIError.jobNotFound(id)
        }
        return job
    }

    private enum Action: String { case cancel }

    @Sendable private func act(_ call: Call) async throws -> Response {
        let id = try call.id("job_id")
        let action: Action? = try call.query.choice("action")
        guard action != nil else { throw Refusal.badQuery("action") }
        guard try await services.jobs.move(id, of: call.caller.account.id, to: .cancelled) else {
            guard let job = try await store.job(id: id, account: call.caller.account.id) else {
                throw APIError.jobNotFound(id)
            }
            throw APIError.jobIsOver(job.state)
        }
        return Response(status: .noContent)
    }

    @Sendable private func delete(_ call: Call) async throws -> Response {
        let id = try call.id("job_id")
        _ = try call.caller.scope(call.query)  // a bad `account_id` is told, a good one changes nothing
        guard try await store.deleteJob(id: id, account: call.caller.account.id) else {
            throw APIError.jobNotFound(id)
        }
        return Response(status: .noContent)
    }
}
