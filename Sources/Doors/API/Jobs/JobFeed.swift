import Foundation
import HTTPEdge
import Hummingbird
import HummingbirdCore
import JSON
import Jobs
import Records
import Store

/// `/6/jobs/{job_id}/ws`: how far a job is, each second in which that changes, until it is over.
struct JobFeed: Sendable {
    let services: Services
    private static let access = Access.right(.task, .view)
    private static let interval = Duration.seconds(1)

    func add(to table: ResourceTable) { table.socket("/6/jobs/{job_id}/ws", Self.access, open: open) }

    @Sendable private func open(_ call: Call) async throws -> WebSocketSession {
        let id = try call.id("job_id")
        let account = try call.caller.scope(Query(nil))
        guard let job = try await services.store.job(id: id, account: account) else { throw APIError.jobNotFound(id) }
        let place = try services.subscribers.place()
        let owner = job.accountID
        let watch = CredentialWatch(services, of: call, for: Self.access) {
            $0.seesAllAccounts || $0.account.id == owner
        }
        return WebSocketSession { socket in
            await withTaskGroup(of: WebSocketCloseCode?.self) { group in
                group.addTask { await deliver(id, to: socket) }
                group.addTask { await watch.refusal() ? .policyViolation : nil }
                defer { group.cancelAll() }
                let code = await group.next() ?? nil
                withExtendedLifetime(place) {}
                return code ?? .normal
            }
        }
    }

    /// Tells until the job is over or the client gone; `nil` when nothing more can be said to it.
    private func deliver(_ id: UUID, to socket: WebSocket) async -> WebSocketCloseCode? {
        var told: JSONValue?
        let changes = services.store.changes.changes { $0 == .jobs }
        while !Task.isCancelled {
            let job: Job?
            do { job = try await services.store.job(id: id) } catch { return .internalError }
            // Removed meanwhile.
            guard let job else { return .goingAway }
            let message = job.wire(await services.jobs.progress(of: id))
            do { if message != told { try await socket.send(message.text) } } catch { return nil }
            told = message
            if job.state.isFinal { return .normal }
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in changes { break }
                }
                group.addTask { try? await Task.sleep(for: Self.interval) }
                defer { group.cancelAll() }
                await group.next()
            }
        }
        return nil
    }
}
