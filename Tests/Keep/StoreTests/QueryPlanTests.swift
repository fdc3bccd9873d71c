import Foundation
import KeepSupport
import Records
import SQL
import Testing

@testable import Store

/// No filter makes the database look at every row of a table.
@Suite(.onEachBackend) struct QueryPlanTests {
    /// Each field of the resource's table alone, with one value and with two where there may be several. Over all accounts a
    /// bound of time on one side alone may match nearly everything: then the list is walked in its own order, which is no worse.
    private static func filters<Resource>(
        of fields: [FilterField<Resource>], account: UUID?
    ) -> [Filter<Resource>] {
        var filters = fields.filter { account != nil || $0.kind != .time }.flatMap { field -> [Filter<Resource>] in
            (field.comparison == .isIn ? [1, 2] : [1]).map { count in
                var filter = Filter<Resource>(accountID: account)
                filter.require(field, (0..<count).map { _ in field.kind.example })
                return filter
            }
        }
        if account != nil { filters.append(Filter(accountID: account)) }
        return filters
    }

    /// Without those that an index helps nobody with: over all accounts a part of a text is looked for in every row that there is.
    private static func found<Resource>(
        _ fields: [FilterField<Resource>], _ account: UUID?
    ) -> [FilterField<Resource>] {
        fields.filter { account != nil || $0.comparison != .contains }
    }

    /// Every query with a filter, of one account or of all; and, of one account, those without.
    private static func queries(account: UUID?, in store: Store) -> [Query] {
        let (dialect, vault) = (store.database.dialect, store.vault)
        var streams = filters(of: FilterField<RegisteredStream>.all, account: account)
        streams.append(bounded(account, [.idAtLeast, .idBelow]))
        streams.append(bounded(account, [.createdAtOrAfter, .createdBefore]))
        streams.append(bounded(account, [.groupName, .statuses]))
        var queries = [Store.logDeletionQuery(account: account, before: .now)]
        for filter in streams.map({ $0.hashed(by: vault) }) {
            queries.append(Store.streamCountQuery(filter))
            queries += CreationOrder.allCases.map { Store.streamsQuery(filter, order: $0, page: Page(), dialect) }
        }
        queries += filters(of: FilterField<StreamLogRecord>.all, account: account).map {
            Store.streamLogsQuery($0, page: Page())
        }
        for filter in filters(of: FilterField<StreamGroup>.all, account: account) {
            queries += [Store.groupsQuery(filter, page: Page()), Store.groupCountQuery(filter)]
        }
        for filter in filters(of: found(FilterField<Face>.all, account), account: account) {
            queries += [Store.facesQuery(filter, page: Page(), dialect), Store.faceCountQuery(filter)]
            queries.append(Face.numbersQuery(filter, dialect))
        }
        for filter in filters(of: found(FilterField<FaceList>.all, account), account: account) {
            queries += [Store.listsQuery(filter, page: Page()), Store.listCountQuery(filter)]
        }
        for filter in filters(of: found(FilterField<Handler>.all, account), account: account) {
            queries += [Store.handlersQuery(filter, page: Page()), Store.handlerCountQuery(filter)]
        }
        for filter in filters(of: found(FilterField<Verifier>.all, account), account: account) {
            queries += [Store.verifiersQuery(filter, page: Page()), Store.verifierCountQuery(filter)]
        }
        queries += filters(of: FilterField<FaceAttribute>.all, account: account).map {
            Store.attributesQuery($0, at: .now)
        }
        queries += filters(of: FilterField<BiometricAccess>.all, account: account).map {
            Store.biometricLogQuery($0, page: Page())
        }
        queries += filters(of: FilterField<PendingDelivery>.all, account: account).map {
            Store.deliveriesQuery($0, page: Page())
        }
        queries += eventQueries(FilterField<StoredEvent>.all, account: account, dialect)
        queries += filters(of: found(FilterField<StoredEvent>.all, account), account: account).map {
            StoredEvent.numbersQuery($0, dialect)
        }
        queries += eventQueries(FilterField<GeneralEvent>.all, account: account, dialect)
        queries += filters(of: FilterField<Token>.all, account: account).map { Store.tokensQuery($0, page: Page()) }
        queries += filters(of: FilterField<Job>.all, account: account).map {
            Store.jobsQuery($0, page: Page(), at: .now)
        }
        queries += [nil, .pending].map { Store.itemsQuery(ofJob: 1, after: 0, in: $0, limit: 10) }
        queries += filters(of: FilterField<Account>.all, account: account).map {
            Store.accountsQuery($0, page: Page())
        }
        return queries
    }
    /// Of objects, whosever they are.
    private static let objectQueries = [
        Query("SELECT \(StoredObject.columns) FROM object WHERE id = ? AND kind = ?", [UUID(), "image"]),
        Query("SELECT id FROM object WHERE \(Store.expiredObjects)", Store.expiredArguments(at: .now)),
        Query("SELECT id FROM object WHERE \(Store.objectsOfAccount)", [UUID(), 10]),
        Query("SELECT id FROM object WHERE \(Store.picturesOfEvent)", [UUID()]),
        Query(Store.objectsOfJob, [UUID()]), Query(Store.cancelledJobsWithObjects),
        Query(Store.describedObjectsOfJob, [UUID(), "{}", 0]), Query(Store.objectTally(1), [UUID(), "{", "{}", 0]),
        Query(Store.callbacksOfJob, [UUID(), "blob", UUID()]), Query(Store.openJobs, [UUID(), "blob"]),
        Query("SELECT 1 FROM object WHERE event_id IS NOT NULL LIMIT 1"),
        Query("SELECT bytes FROM object_usage WHERE account_id = ?", [UUID()]),
    ]
    /// Of records, whoever follows them.
    private static let recordQueries: [Query] = [
        RecordScope.stream(UUID(), of: UUID()), .account(UUID()), .everything,
    ].flatMap { scope -> [Query] in
        let queries = RecordQueries(scope)
        let (all, own) = (queries.arguments, queries.ownArguments)
        return [
            Query(queries.first.sql, all + [1]), Query(queries.count.sql, all + [1, 9]),
            Query(queries.numbers.sql, all + [1, 9]), Query(queries.sizes.sql, own + [1, 9, 10]),
            Query(queries.portion.sql, own + [1, 9, 10]),
        ]
    }
    /// As the API asks: without bounds of ids or times within a window of time.
    private static func eventQueries<Resource: EventResource>(
        _ fields: [FilterField<Resource>], account: UUID?, _ dialect: Dialect
    ) -> [Query] {
        let window = ["create_time__gte", "create_time__lt"].compactMap { name in fields.first { $0.query == name } }
        let place = PlaceFilter("a.b__gt:numeric")!
        var filters = filters(of: fields, account: account)
        filters.append(Filter(accountID: account, [place.condition([.number(1)], in: "body")]))
        return filters.flatMap { filter in
            let isByID = filter.conditions.contains { $0.column == "id" }
            var filter = filter
            if !isByID { for field in window { filter.require(field, [field.kind.example]) } }
            let orders: [EventOrder] =
                isByID ? CreationOrder.allCases.map { .byID($0) } : CreationOrder.allCases.map { .byTime($0) }
            var queries = orders.map { Store.eventsQuery(filter, order: $0, page: Page(), dialect) }
            if !isByID {
                let place = StoredEvent.Place(time: 1, sequence: 1)
                queries.append(Store.portionQuery(filter, after: place, limit: 10, dialect))
                let count = EventStatistic<Resource>.Target(StatisticColumn.stored[0], .count)
                let statistic = EventStatistic(targets: [count], filter: filter, grouping: TimeGrouping("1h"))
                let offsets = ZoneOffsets(statistic.zone, from: 0, to: 1)
                queries.append(Store.statisticQuery(statistic, offsets, dialect))
            }
            return queries
        }
    }
    private static func bounded(
        _ account: UUID?, _ fields: [FilterField<RegisteredStream>]
    ) -> Filter<RegisteredStream> {
        var filter = Filter<RegisteredStream>(accountID: account)
        for field in fields { filter.require(field, [field.kind.example]) }
        return filter
    }

    private static func expectSearches(_ queries: [Query], in store: Store) async throws {
        for query in queries {
            switch store.database.dialect.name {
            case .sqlite:
                let plan: [String] = try await store.read {
                    try $0.rows("EXPLAIN QUERY PLAN \(query.sql)", query.arguments) { $0["detail"] }
                }
                #expect(plan.contains { $0.hasPrefix("SEARCH") }, "\(query.sql): \(plan)")
                // The names of one stream's groups are put together from a list in memory, which is no table.
                #expect(
                    !plan.contains {
                        $0.hasPrefix("SCAN") && !$0.hasPrefix("SCAN (sub") && !$0.hasPrefix("SCAN ordered")
                    }, "\(query.sql): \(plan)")
            case .postgres:
                // Empty tables are read as they are unless that is forbidden; then an index is taken where one serves.
                let plan: [String] = try await store.read { connection in
                    try connection.execute("SET LOCAL enable_seqscan = off")
                    return try connection.rows("EXPLAIN \(query.sql)", query.arguments) { $0[0] }
                }
                #expect(!plan.contains { $0.contains("Seq Scan") }, "\(query.sql): \(plan)")
            }
        }
    }

    @Test func noQueryOfAnAccountScansATable() async throws {
        let fixture = try await TemporaryStore()
        try await Self.expectSearches(
            Self.queries(account: fixture.account.id, in: fixture.store) + [
                Query(Store.autorestartQuery), Query(Store.waitingQuery, [10]),
                Store.dueLanesQuery(at: .now, after: nil, limit: 10),
                Store.dueLanesQuery(at: .now, after: DueLane(id: UUID(), receiver: UUID(), time: .now), limit: 10),
                Store.nextLaneTimeQuery(after: .now), Store.nextLetterQuery(of: UUID()),
                Store.tracesQuery(of: UUID(), from: 0, to: 1),
                Store.featureCountQuery(account: fixture.account.id),
                Store.descriptorsQuery(of: Face.self, after: 0), Store.descriptorsQuery(of: StoredEvent.self, after: 0),
                Query(
                    "SELECT sequence FROM attribute WHERE \(Store.expiredAttributes)",
                    Store.expiredAttributeArguments(at: .now)),
            ] + Self.objectQueries + Self.recordQueries, in: fixture.store)
    }
    @Test func noFilterOverAllAccountsScansATable() async throws {
        let fixture = try await TemporaryStore()
        try await Self.expectSearches(Self.queries(account: nil, in: fixture.store), in: fixture.store)
    }
}

extension FilterField.Kind {
    fileprivate var example: FieldValue {
        switch self {
        case .id: .id(UUID())
        case .text, .name: .text("a")
        case .choice(let words): .text(words[0])
        case .code(let codes): .integer(codes.values.min() ?? 0)
        case .integer(let range): .integer(range.lowerBound)
        case .number(let range): .number(range.lowerBound)
        case .time: .time(.now)
        }
    }
}
