import Foundation
import KeepSupport
import Records
import SQL
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(2))) struct OutageTests {
    /// Asks until the database answers again.
    private static func wait(for things: ThingDatabase) async throws {
        for _ in 0..<200 {
            do {
                try await things.database.write { _ = try $0.value("SELECT 1") as Int? }
                return
            } catch let error as SQLError where error.kind == .unavailable {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    @Test(arguments: [true, false]) func whatWasCommittedSurvivesTheServerAndWorkGoesOn(brutally: Bool) async throws {
        let server = try PostgresServer()
        let things = try ThingDatabase(server)
        try await things.insert(1)
        _ = try await things.numbers()
        server.stop(brutally: brutally)
        let begin = ContinuousClock.now
        for _ in 0..<50 {
            await expectUnavailable { try await things.insert(9) }
            await expectUnavailable { _ = try await things.numbers() }
        }
        #expect(ContinuousClock.now - begin < .seconds(2))  // nobody waits for what is known to be gone
        try server.start()
        try await Self.wait(for: things)
        try await things.insert(2)
        try await Task.sleep(for: .seconds(1))  // the longest pause of those that read
        #expect(try await things.numbers() == [1, 2])
    }

    @Test func aServerThatDiesInTheMiddleOfATransactionTakesItBackWhole() async throws {
        let server = try PostgresServer()
        let things = try ThingDatabase(server)
        try await things.insert(1)
        await expectUnavailable {
            try await things.database.write { connection in
                try connection.insert(2)
                server.stop(brutally: true)
                try connection.insert(3)
            }
        }
        try server.start()
        try await Self.wait(for: things)
        await expectUnavailable {
            try await things.database.write { connection in
                try connection.insert(4)
                server.stop()
                // Not even one that pays no heed to failures is taken for committed.
                _ = try? connection.insert(5)
            }
        }
        try server.start()
        try await Self.wait(for: things)
        try await things.insert(6)
        try await Task.sleep(for: .seconds(1))
        #expect(try await things.numbers() == [1, 6])
    }

    @Test func nothingThatWasCommittedIsLostHoweverOftenTheServerDies() async throws {
        let server = try PostgresServer()
        let things = try ThingDatabase(server)
        let writing = Task {
            var committed: [Int] = []
            for number in 0... {
                if Task.isCancelled { break }
                do {
                    try await things.insert(number)
                    committed.append(number)
                } catch let error as SQLError where error.kind == .unavailable {
                    try? await Task.sleep(for: .milliseconds(20))
                }
            }
            return committed
        }
        for _ in 0..<5 {
            try await Task.sleep(for: .milliseconds(400))
            server.stop(brutally: true)
            try server.start()
        }
        try await Task.sleep(for: .milliseconds(400))
        writing.cancel()
        let committed = try await writing.value
        try await Self.wait(for: things)
        try await Task.sleep(for: .seconds(1))
        let found = try await things.numbers()
        #expect(committed.count > 20 && Set(committed).isSubset(of: found))
        #expect(Set(found).count == found.count && found == found.sorted())
    }

    @Test func connectionsThatTheServerEndedWhileIdleAreOpenedAgain() async throws {
        let server = try PostgresServer.shared.get()
        let things = try ThingDatabase(server)
        for number in 1...3 {
            try await things.insert(number)
            #expect(try await things.numbers() == Array(1...number))
            try things.endConnections(on: server)
        }
        // In the middle of a transaction that the server has answered, it is over.
        await expectUnavailable {
            try await things.database.write { connection in
                try connection.insert(4)
                try things.endConnections(on: server)
                try connection.insert(5)
            }
        }
        #expect(try await things.numbers() == [1, 2, 3])
    }

    @Test func theLockIsTakenAgainAlthoughNobodyWrites() async throws {
        let server = try PostgresServer.shared.get()
        let things = try ThingDatabase(server)
        try things.endConnections(on: server)
        try await Task.sleep(for: .seconds(1))
        #expect(throws: OpeningError.self) { try ThingDatabase(url: things.url) }
        withExtendedLifetime(things) {}
    }
    @Test func whoeverHasLostTheLockToAnotherWritesNothing() async throws {
        let server = try PostgresServer.shared.get()
        let things = try ThingDatabase(server)
        // Somebody else is quicker: he waits for the lock.
        let rival = try Rival(things, on: server, seconds: 3)
        try server.execute(
            """
            SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory' AND granted
                AND database = (SELECT oid FROM pg_database WHERE datname = '\(things.name)')
            """)
        await expectUnavailable { try await things.insert(1) }
        #expect(try await things.numbers() == [])
        await rival.end()
        try await Self.wait(for: things)
        try await things.insert(2)
        #expect(try await things.numbers() == [2])
    }
}

struct ErrorKindTests {
    @Test(
        arguments: [
            ("08006", SQLError.Kind.unavailable), ("53100", .unavailable), ("53300", .unavailable),
            ("57P01", .unavailable),
            ("57P03", .unavailable), ("57014", .unavailable), ("58030", .unavailable), ("25006", .unavailable),
            ("40001", .unavailable), ("40P01", .unavailable), ("23505", .refused), ("42P01", .refused),
            ("22003", .refused),
            ("25P02", .refused), ("42501", .refused), ("XX000", .refused), ("XX001", .damaged), ("XX002", .damaged),
        ])
    func ofAState(state: String, kind: SQLError.Kind) {
        #expect(SQLError.Kind(state: state, isAlive: true) == kind)
        #expect(SQLError.Kind(state: state, isAlive: false) == .unavailable)
    }
    @Test func ofLibpqsOwnErrors() {
        #expect(SQLError.Kind(state: nil, isAlive: true) == .refused)
        #expect(SQLError.Kind(state: nil, isAlive: false) == .unavailable)
    }
}
