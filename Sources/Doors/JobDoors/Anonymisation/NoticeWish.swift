import Addresses
import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Notifications
import Records

/// What `notify_on_job_status` is sent: who is to be told, and of which job. A body, or a query where there is none.
struct NoticeWish: Sendable {
    /// `nil`: all jobs of the account.
    let job: UUID?
    let callback: Callback

    /// - Parameter network: where callbacks may go.
    /// - Throws: `AnonymisationError`.
    init(_ body: [UInt8], _ query: [(String, String)], in network: NetworkPolicy) throws {
        var place = "query", members: [String: JSONValue] = [:]
        for (name, value) in query { members[name] = .string(value) }
        if !body.isEmpty {
            place = "body"
            guard let value = try? JSONValue(parsing: body) else {
                throw AnonymisationError([
                    .init(place: [place], message: "invalid JSON", type: "value_error.jsondecode")
                ])
            }
            guard let sent = value.object else { throw AnonymisationError([.kind([place], "dict", "dict")]) }
            members = sent
        }
        var faults: [AnonymisationError.Fault] = []
        func text(_ name: String) -> String? {
            guard let value = members[name], value != .null else { return nil }
            if value.string == nil { faults.append(.kind([place, name], "string", "str")) }
            return value.string
        }
        let id = text("job_id"), url = text("callback_url")
        if url == nil, faults.isEmpty { faults.append(.missing([place, "callback_url"])) }
        guard faults.isEmpty, let url else { throw AnonymisationError(faults) }
        job = try id.map {
            guard let id = UUID(bare: $0) else { throw AnonymisationError.noJob }
            return id
        }
        do { callback = try Callback(jobURL: JSONReader(.string(url)), in: network) } catch {
            throw AnonymisationError(.badRequest, "callback_url cannot be called: \(error.message)")
        }
    }

    func answer(_ message: String) -> Response {
        Answer(
            json: [
                "message": .string(message), "job_id": job.map { .string($0.wire) } ?? .null,
                "callback_url": callback.url.map { .string($0) } ?? .null,
            ], status: .ok
        ).response
    }
}
