import HTTPEdge
import Hummingbird
import JSON
import Records
import Store

/// `/6/streams/logs`.
struct StreamLogRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        table.add(
            "/6/streams/logs", .get(.right(.stream, .view), list),
            .delete(.right(.stream, .deletion), delete))
    }

    private enum Target: String, CaseIterable {
        case streamID = "stream_id"
        case status, error
        case time = "log_time"
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        let query = call.query
        let filter = try query.filter(FilterField<StreamLogRecord>.all, account: call.caller.scope(query))
        let targets = Set(try query.list("targets", Target.init(rawValue:)) ?? Target.allCases)
        let records = try await services.store.streamLogs(filter, page: query.page())
        return .json(["logs": .array(records.map { Self.object($0, targets) })])
    }

    /// Everything older than the bound, except the newest record of each stream.
    @Sendable private func delete(_ call: Call) async throws -> Response {
        guard let bound = try call.query.time("log_time__lt") else { throw Refusal.badQuery("log_time__lt") }
        let count = try await services.store.deleteStreamLogs(account: call.caller.account.id, before: bound)
        return .json(["deleted_count": .integer(Int64(count))])
    }

    private static func object(_ record: StreamLogRecord, _ targets: Set<Target>) -> JSONValue {
        var object: [String: JSONValue] = [:]
        for target in targets {
            object[target.rawValue] =
                switch target {
                case .streamID: .string(record.streamID.wire)
                case .status: .integer(Int64(record.status.rawValue))
                case .error: record.error.map { .string(Redaction.redacted($0)) } ?? .null
                case .time: .string(record.time.rfc3339)
                }
        }
        return .object(object)
    }
}
