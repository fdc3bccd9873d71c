import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Jobs
import Notifications
import Records
import Store

// What a key's jobs cost, and who is told of them (`docs/contract/jobs.md` §6.6, §6.7).
extension AnonymisationDoor {
    // MARK: Credits

    @Sendable func credits(_ call: OpenCall) async throws -> Response {
        let (account, entry) = try await holder(of: call)
        let used = try await store.creditsUsed(by: account.id)
        func number(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
        return Answer(
            json: [
                "credits": number(entry.credits), "used": number(used),
                "left": number(entry.credits.map { max(0, $0 - used) }),
            ], status: .ok
        ).response
    }
    /// What something costs is not known before it is there.
    func checkCreditsAreLeft(to account: Account, _ entry: Aliases.Entry) async throws {
        guard let credits = entry.credits else { return }
        guard try await store.creditsUsed(by: account.id) < credits else {
            throw AnonymisationError(.init(code: 402), "Not enough credits: all \(credits) are used")
        }
    }
    /// Reserves what a job costs, once.
    func charge(_ job: Job, _ entry: Aliases.Entry) async throws {
        let cost = job.result?.value["cost"]?.integer.map(Int.init) ?? 0
        do { try await store.charge(cost, toJob: job.id, limit: entry.credits) } catch StoreError.notEnoughCredits(
            let left)
        {
            throw AnonymisationError(.init(code: 402), CoverRequest.shortage(cost: cost, left: left))
        }
    }

    // MARK: Callbacks

    @Sendable func notify(_ call: OpenCall) async throws -> Response {
        let account = try await account(of: call)
        let wish = try NoticeWish(try await call.wholeBody(), query(of: call), in: callbackNetwork)
        if let id = wish.job { _ = try await job(id, of: account) }
        let isNew: Bool
        do {
            isNew = try await store.add(wish.callback, account: account.id, kind: .anonymisation, job: wish.job)
        } catch StoreError.tooManyCallbacks(let limit) {
            throw AnonymisationError(.badRequest, "\(limit) callbacks are told already, as many as may be")
        }
        // What came about before it is told too.
        if isNew, let id = wish.job { try await engine.tell(wish.callback, ofJob: id) }
        return wish.answer("The callback is told")
    }

    @Sendable func unnotify(_ call: OpenCall) async throws -> Response {
        let account = try await account(of: call)
        let wish = try NoticeWish([], query(of: call), in: callbackNetwork)
        guard
            try await store.removeCallback(
                wish.callback, account: account.id, kind: .anonymisation, job: wish.job)
        else { throw AnonymisationError(.notFound, "Callback not found") }
        return wish.answer("The callback is not told any more")
    }
}
