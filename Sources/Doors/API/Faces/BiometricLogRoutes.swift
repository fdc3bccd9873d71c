import HTTPEdge
import Hummingbird
import JSON
import Records
import Store

/// `/6/faces/logs`: who was told what faces look like.
struct BiometricLogRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        table.add("/6/faces/logs", .get(.right(.face, .view), services.recognizing(list)))
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        let filter = try call.query.filter(FilterField<BiometricAccess>.all, account: call.caller.scope(call.query))
        let lines = try await services.store.biometricLog(filter, page: call.query.page())
        return .json(["logs": .array(lines.map(\.wire))])
    }
}

extension BiometricAccess {
    fileprivate var wire: JSONValue {
        [
            "time": .string(time.rfc3339), "action": .string(action.rawValue),
            "subject_type": .string(kind.rawValue), "subject_id": .string(subject.wire),
            "account_id": .string(accountID.wire), "reader_account_id": .string(reader.wire),
            "reader_token_id": token.map { .string($0.wire) } ?? .null, "request_id": .string(requestID),
        ]
    }
}
