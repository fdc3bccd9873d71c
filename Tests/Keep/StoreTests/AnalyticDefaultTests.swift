import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Testing

@testable import Store

/// What analytics take for given that say nothing of it.
@Suite(.onEachBackend) struct AnalyticDefaultTests {
    private static func specification(_ parameters: JSONValue = .emptyObject, name: String = "") -> StreamSpecification
    {
        StreamSpecification(
            name: name, source: SourceSpecification(kind: .stream, reference: "rtsp://camera/1"),
            analytics: [
                AnalyticChoice(name: "human_tracking", parameters: parameters), AnalyticChoice(name: "people_count"),
            ])
    }
    private static let body: JSONValue = ["parameters": ["tracking": ["detector_type": "body"]]]
    /// What `human_tracking` and `people_count` of a stream are run with.
    private func run(_ fixture: TemporaryStore, _ id: UUID) async throws -> [JSONValue] {
        let stream = try #require(try await fixture.store.stream(id: id, account: fixture.account.id))
        return stream.definition.analytics.map(\.parameters)
    }
    /// Takes the step as a database does whose streams were stored before.
    private func migrate(_ fixture: TemporaryStore) async throws {
        let vault = fixture.store.vault
        try await fixture.store.write { connection in
            try connection.execute("ALTER TABLE stream DROP COLUMN analytic_defaults")
            try connection.execute("DELETE FROM migration WHERE name = '0015 analytic defaults'")
            try Schema.migrator(vault).migrate(connection)
        }
    }

    @Test func streamsThatWereStoredBeforeGoOnFollowingBodies() async throws {
        let fixture = try await TemporaryStore(), account = fixture.account.id
        let rate: JSONValue = ["targets": ["overview"], "parameters": ["rate": ["unit": "frame", "period": 2]]]
        let face: JSONValue = ["parameters": ["tracking": ["detector_type": "face"]]]
        var ids: [UUID] = []
        for parameters in [.emptyObject, rate, face] {
            ids.append(try await fixture.store.createStream(Self.specification(parameters), account: account).id)
        }
        try await migrate(fixture)
        #expect(try await run(fixture, ids[0]) == [Self.body, [:]])
        #expect(
            try await run(fixture, ids[1])[0] == [
                "targets": ["overview"],
                "parameters": ["rate": ["unit": "frame", "period": 2], "tracking": ["detector_type": "body"]],
            ])
        #expect(try await run(fixture, ids[2])[0] == face)
        // What the owner wrote is shown as it was.
        let stream = try #require(try await fixture.store.stream(id: ids[0], account: account))
        #expect(stream.specification == Self.specification())
        // Those stored afterwards say what they mean.
        let new = try await fixture.store.createStream(Self.specification(), account: account)
        #expect(try await run(fixture, new.id) == [[:], [:]])
    }

    @Test func theyDoSoUntilTheirAnalyticsAreWrittenAnew() async throws {
        let fixture = try await TemporaryStore(), account = fixture.account.id
        let id = try await fixture.store.createStream(Self.specification(), account: account).id
        try await migrate(fixture)
        #expect(
            try await fixture.store.replaceStream(id: id, Self.specification(name: "gate"), account: account) == 2)
        #expect(try await run(fixture, id)[0] == Self.body)
        let other: JSONValue = ["targets": ["overview"]]
        #expect(try await fixture.store.replaceStream(id: id, Self.specification(other), account: account) == 3)
        #expect(try await run(fixture, id)[0] == other)
    }
}
