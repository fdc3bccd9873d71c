import Foundation
import KeepSupport
import Records
import SQL
import Synchronization
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(30))) struct OutageTests {
    /// Asks until the database is written to and read again.
    private static func wait(for things: ThingDatabase) async throws {
        while true {
            do {
                try await things.database.write { _ = try $0.value("SELECT 1") as Int? }
                _ = try await things.numbers()
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
        for _ in 0..<20 {
            await expectUnavailable { try await things.insert(9) }
            await expectUnavailable { _ = try await things.numbers() }
        }
        try server.start()
        try await Self.wait(for: things)
        try await things.insert(2)
        #expect(try await things.numbers() == [1, 2])
    }

    @Test func aServerThatStandsStillIsGoneUntilItGoesOn() async throws {
        let server = try PostgresServer()
        let things = try ThingDatabase(url: server.newDatabase(), patience: .seconds(1))
        try await things.insert(1)
        #expect(try await things.numbers() == [1])
        try server.pause()
        await expectUnavailable { try await things.insert(2) }
        await expectUnavailable { _ = try await things.numbers() }
        try server.resume()
        try await Self.wait(for: things)
        try await things.insert(3)
        // Whether 2 is there nobody was told, and nobody can know: the server may have had it before it stood still.
        #expect(Set(try await things.numbers()).subtracting([2]) == [1, 3])
        // So does one whose table somebody holds.
        let isOver = Flag(), name = things.name
        async let holding: Void = withCheckedThrowingContinuation { continuation in
            // A thread of its own: of those that tasks share there may be two, and the other one may be waiting, too.
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        repeat {
                            try server.execute("BEGIN; LOCK thing; SELECT pg_sleep(4)", in: name)
                        } while !isOver.isSet
                    })
            }
        }
        var wasGone = false
        while !wasGone {
            do { try await things.insert(4) } catch let error as SQLError where error.kind == .unavailable {
                wasGone = true
            }
        }
        isOver.set()
        try await holding
        try await Self.wait(for: things)
        try await things.insert(5)
        #expect(try await things.numbers().last == 5)
        try things.database.close()
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
        #expect(try await things.numbers() == [1, 6])
    }

    @Test func nothingThatWasCommittedIsLostHoweverOftenTheServerDies() async throws {
        let server = try PostgresServer()
        let things = try ThingDatabase(server)
        let (commits, continuation) = AsyncStream.makeStream(of: Int.self)
        let writing = Task {
            for number in 0... where !Task.isCancelled {
                do {
                    try await things.insert(number)
                    continuation.yield(number)
                } catch let error as SQLError where error.kind == .unavailable {
                    try? await Task.sleep(for: .milliseconds(5))
                }
                if Task.isCancelled { break }
            }
            continuation.finish()
        }
        var committed: [Int] = []
        for await number in commits {
            committed.append(number)
            if committed.count == 100 { writing.cancel() }
            guard committed.count < 100, committed.count.isMultiple(of: 20) else { continue }
            server.stop(brutally: true)
            try server.start()
        }
        try await writing.value
        try await Self.wait(for: things)
        let found = try await things.numbers()
        #expect(committed.count >= 100 && Set(committed).isSubset(of: found))
        #expect(found == Set(found).sorted())  // none twice, none out of order
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
        let held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = "
        let database = "(SELECT oid FROM pg_database WHERE datname = '\(things.name)')"
        while try server.execute(held + database) == "0" { try await Task.sleep(for: .milliseconds(50)) }
        withExtendedLifetime(things) {}
    }
    @Test func aDatabaseThatComesBackWithOtherTablesIsNotWrittenTo() async throws {
        let server = try PostgresServer.shared.get()
        let things = try ThingDatabase(server)
        try await things.insert(1)
        try server.execute("INSERT INTO migration VALUES ('of a newer version')", in: things.name)
        try things.endConnections(on: server)
        var kind: SQLError.Kind?
        repeat {
            do { try await things.insert(2) } catch let error as SQLError { kind = error.kind }
        } while kind == .unavailable
        #expect(kind == .unworkable)
        #expect(try await things.numbers() == [1])

        try server.execute("DELETE FROM migration WHERE name = 'of a newer version'", in: things.name)
        while (try? await things.insert(3)) == nil { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try await things.numbers() == [1, 3])
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

struct ReachabilityTests {
    private static let failure = SQLError(.unavailable, "gone")

    @Test func whatIsKnownToBeGoneIsNotTriedAgainAtOnce() throws {
        let reachability = Reachability()
        #expect(throws: Self.failure) { try reachability.attempt { throw Self.failure } }
        var count = 0
        #expect(throws: Self.failure) { try reachability.attempt { count += 1 } }
        #expect(count == 0)
        Thread.sleep(forTimeInterval: 0.15)  // the first pause
        for _ in 0..<3 { try reachability.attempt { count += 1 } }
        #expect(count == 3)
    }
    @Test func oneAtATimeTriesToReachWhatIsGone() throws {
        let reachability = Reachability()
        #expect(throws: Self.failure) { try reachability.attempt { throw Self.failure } }
        Thread.sleep(forTimeInterval: 0.15)
        _ = try reachability.attempt {
            #expect(throws: Self.failure) { try reachability.attempt { Issue.record("a second one tries") } }
        }
    }
}

struct ErrorKindTests {
    @Test(
        arguments: [
            ("08006", SQLError.Kind.unavailable), ("53100", .unavailable), ("53300", .unavailable),
            ("57P01", .unavailable),
            ("57P03", .unavailable), ("57014", .unavailable), ("58030", .unavailable), ("25006", .unavailable),
            ("40001", .unavailable), ("40P01", .unavailable), ("23505", .refused), ("42P01", .unworkable),
            ("22003", .refused),
            ("25P02", .unworkable), ("42501", .unworkable), ("XX000", .unworkable), ("55000", .unworkable),
            ("0A000", .unworkable), ("23503", .refused), ("54000", .refused), ("XX001", .damaged), ("XX002", .damaged),
        ])
    func ofAState(state: String, kind: SQLError.Kind) {
        #expect(SQLError.Kind(state: state, isAlive: true) == kind)
        #expect(SQLError.Kind(state: state, isAlive: false) == .unavailable)
    }
    @Test func ofLibpqsOwnErrors() {
        #expect(SQLError.Kind(state: nil, isAlive: true) == .unworkable)
        #expect(SQLError.Kind(state: nil, isAlive: false) == .unavailable)
    }
}

private final class Flag: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
