import Foundation
import HTTPEdge
import Hummingbird
import JSON
import Records
import Store

/// `/6/events/statistic`, `/6/general/events/statistic`.
struct StatisticRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        // Nothing is made: it is a question too long for a query.
        table.add("/6/events/statistic", .post(.right(.event, .view), body: .json(), ofHandlers))
        table.add("/6/general/events/statistic", .post(.right(.event, .view), body: .json(), general))
    }

    @Sendable private func ofHandlers(_ call: Call) async throws -> Response {
        let scope = try call.caller.scope(call.query)
        let statistic = try StatisticBody<StoredEvent>(await call.body(), account: scope, at: .now) { name in
            StatisticColumn.stored.first { $0.name == name }
                ?? .free(name, prefix: "meta", column: "meta", base: [], shortcuts: [:], isGrouped: false)
        }.statistic
        return answer(statistic.fields, try await services.store.statistic(statistic))
    }
    @Sendable private func general(_ call: Call) async throws -> Response {
        let scope = try call.caller.scope(call.query)
        let statistic = try StatisticBody<GeneralEvent>(await call.body(), account: scope, at: .now) { name in
            StatisticColumn.general.first { $0.name == name }
                ?? .free(
                    name, prefix: "event", column: "body", base: ["event"], shortcuts: Query.eventShortcuts,
                    isGrouped: true)
        }.statistic
        return answer(statistic.fields, try await services.store.generalStatistic(statistic))
    }

    private func answer(_ fields: [String], _ rows: [[JSONValue]]) -> Response {
        .json(["fields": .array(fields.map { .string($0) }), "stats": .array(rows.map { .array($0) })])
    }
}
