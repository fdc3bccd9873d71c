import Foundation
import GRDB
import Records
import Scene
import Testing

@testable import Store

/// No filter makes SQLite look at every row of a table.
struct QueryPlanTests {
    private static let filters: [(String, @Sendable (inout StreamFilter) -> Void)] = [
        ("ids", { $0.ids = [UUID(), UUID()] }), ("id bounds", { ($0.idAtLeast, $0.idBelow) = (UUID(), UUID()) }),
        ("lower id bound", { $0.idAtLeast = UUID() }), ("upper id bound", { $0.idBelow = UUID() }),
        ("names", { $0.names = ["a", "b"] }), ("reference", { $0.reference = "a" }),
        ("statuses", { $0.statuses = [.pending, .done] }), ("status", { $0.statuses = [.done] }),
        ("times", { ($0.createdAtOrAfter, $0.createdBefore) = (.now, .now) }), ("group", { $0.groupName = "a" }),
        ("group and status", { ($0.groupName, $0.statuses) = ("a", [.done]) }),
    ]
    private static let logFilters: [@Sendable (inout StreamLogFilter) -> Void] = [
        { $0.streamIDs = [UUID(), UUID()] }, { $0.statuses = [.pending, .stop] },
        { ($0.atOrAfter, $0.before) = (.now, .now) },
    ]
    private static let groupFilters: [@Sendable (inout GroupFilter) -> Void] = [
        { $0.ids = [UUID()] }, { $0.names = ["a", "b"] },
    ]

    /// Every query with a filter, of one account or of all; and, of one account, those without.
    private static func queries(account: UUID?) -> [Store.Query] {
        var streams = filters.map { change in
            var filter = StreamFilter(accountID: account)
            change.1(&filter)
            return filter
        }
        var logs = logFilters.map { change in
            var filter = StreamLogFilter(accountID: account)
            change(&filter)
            return filter
        }
        var groups = groupFilters.map { change in
            var filter = GroupFilter(accountID: account)
            change(&filter)
            return filter
        }
        if let account {
            streams.append(StreamFilter(accountID: account))
            logs.append(StreamLogFilter(accountID: account))
            groups.append(GroupFilter(accountID: account))
        }
        var queries = [Store.logDeletionQuery(account: account, before: .now)]
        for filter in streams {
            queries.append(Store.streamCountQuery(filter))
            queries += Store.Order.allCases.map { Store.streamsQuery(filter, order: $0, page: Page()) }
        }
        queries += logs.map { Store.streamLogsQuery($0, page: Page()) }
        for filter in groups {
            queries += [Store.groupsQuery(filter, page: Page()), Store.groupCountQuery(filter)]
        }
        return queries
    }

    private static func expectSearches(_ queries: [Store.Query], in store: Store) async throws {
        for query in queries {
            let plan = try await store.read { [query] in
                try Row.fetchAll($0, sql: "EXPLAIN QUERY PLAN \(query.sql)", arguments: query.arguments)
                    .map { $0["detail"] as String }
            }
            #expect(plan.contains { $0.hasPrefix("SEARCH") }, "\(query.sql): \(plan)")
            // The names of one stream's groups are put together from a list in memory, which is no table.
            #expect(!plan.contains { $0.hasPrefix("SCAN") && !$0.hasPrefix("SCAN (subquery") }, "\(query.sql): \(plan)")
        }
    }

    @Test func noQueryOfAnAccountScansATable() async throws {
        let fixture = try await TemporaryStore()
        try await Self.expectSearches(
            Self.queries(account: fixture.account.id) + [(Store.autorestartQuery, StatementArguments())],
            in: fixture.store)
    }
    @Test func noFilterOverAllAccountsScansATable() async throws {
        let store = try await TemporaryStore().store
        try await Self.expectSearches(Self.queries(account: nil), in: store)
    }
}
