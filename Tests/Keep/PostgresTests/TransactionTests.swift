import Foundation
import Records
import SQL
import Synchronization
import Testing

@testable import Postgres

struct TransactionTests {
    private struct Changed: Error {}

    @Test func aSavepointTakesBackItsOwnAndNoMore() async throws {
        let things = try ThingDatabase()
        try await things.database.write { connection in
            try connection.insert(1)
            #expect(throws: Changed.self) {
                try connection.savepoint {
                    try connection.insert(2)
                    throw Changed()
                }
            }
            #expect(throws: SQLError.self) {
                try connection.savepoint { try connection.execute("INSERT INTO nowhere VALUES (1)") }
            }
            // Nothing was sent in these.
            #expect(throws: Changed.self) { try connection.savepoint { throw Changed() } }
            try connection.savepoint {}
            try connection.savepoint {
                try connection.savepoint { try connection.insert(3) }
                try? connection.savepoint {
                    try connection.savepoint { try connection.insert(4) }
                    throw Changed()
                }
                try connection.insert(5)
            }
        }
        #expect(try await things.numbers() == [1, 3, 5])
    }
    @Test func whatABodyThrowsTakesAllBack() async throws {
        let things = try ThingDatabase()
        await #expect(throws: Changed.self) {
            try await things.database.write { connection in
                try connection.savepoint { try connection.insert(1) }
                throw Changed()
            }
        }
        try await things.insert(2)
        #expect(try await things.numbers() == [2])
    }
    @Test func aFailureThatABodyDoesNotMindIsNotTakenForACommit() async throws {
        let things = try ThingDatabase()
        await #expect {
            try await things.database.write { connection in
                try connection.insert(1)
                _ = try? connection.execute("INSERT INTO nowhere VALUES (1)")
            }
        } throws: { error in
            (error as? SQLError)?.kind == .refused
        }
        #expect(try await things.numbers() == [])
    }
    @Test func aBrokenConstraintIsRefusedAndTheConnectionGoesOn() async throws {
        let things = try ThingDatabase()
        let sql = "INSERT INTO thing (sequence) VALUES (?)"
        for isFirst in [true, false, false] {
            let outcome = await Result { _ = try await things.database.write { try $0.execute(sql, [1]) } }
            #expect((try? outcome.get()) != nil || !isFirst)
            if case .failure(let error) = outcome { #expect((error as? SQLError)?.kind == .refused) }
        }
        let backends: Int? = try await things.database.write {
            try $0.value("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'INSERT INTO thing (seq%'")
        }
        #expect(backends == 1)  // prepared once, although it failed
    }

    @Test func aReadSeesOneStateAndWritesNothing() async throws {
        let things = try ThingDatabase()
        await #expect(throws: SQLError.self) { try await things.database.read { try $0.insert(1) } }
        let written = DispatchSemaphore(value: 0), counted = DispatchSemaphore(value: 0)
        async let counts = things.database.read { connection -> [Int] in
            let first = try connection.numbers().count
            counted.signal()
            written.wait()
            return [first, try connection.numbers().count]
        }
        try await things.database.write { connection in
            counted.wait()
            try connection.insert(1)
        }
        written.signal()
        #expect(try await counts == [0, 0])
    }

    @Test func aWriteWaitsForThoseThatWereAskedForBefore() async throws {
        let things = try ThingDatabase()
        let (begun, continuation) = AsyncStream.makeStream(of: Void.self)
        let isAllowed = DispatchSemaphore(value: 0)
        async let first: Void = things.database.write { connection in
            continuation.yield()
            isAllowed.wait()
            try connection.insert(1)
        }
        var iterator = begun.makeAsyncIterator()
        await iterator.next()
        async let second: Void = things.insert(2)
        #expect(try await things.numbers() == [])  // reads do not wait
        isAllowed.signal()
        _ = try await (first, second)
        #expect(try await things.numbers() == [1, 2])
    }
    @Test func manyReadAndWriteAtOnce() async throws {
        let things = try ThingDatabase()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await things.insert(number)
                    #expect(try await things.numbers().contains(number))
                }
            }
            try await group.waitForAll()
        }
        #expect(try await Set(things.numbers()).count == 200)
    }

    @Test func aCancelledReadDoesNotWaitForItsTurnAndACancelledWriteIsCarriedOut() async throws {
        let things = try ThingDatabase()
        let free = DispatchSemaphore(value: 0)
        let (begun, continuation) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await things.database.read { _ in
                        continuation.yield()
                        free.wait()
                    }
                }
            }
            var iterator = begun.makeAsyncIterator()
            for _ in 0..<4 { await iterator.next() }
            let read = Task { try await things.numbers() }
            await Task.yield()
            read.cancel()
            await #expect(throws: CancellationError.self) { try await read.value }
            for _ in 0..<4 { free.signal() }
            try await group.waitForAll()
        }
        let write = Task {
            while !Task.isCancelled { await Task.yield() }
            try await things.insert(1)
        }
        write.cancel()
        try await write.value
        #expect(try await things.numbers() == [1])
    }

    @Test func whoeverReadsAfterAWriteSeesIt() async throws {
        let things = try ThingDatabase()
        for number in 0..<100 {
            try await things.insert(number)
            #expect(try await things.numbers().last == number)
        }
    }
    @Test func statementsOfManyTextsDoNotPileUpAtTheServer() async throws {
        let things = try ThingDatabase()
        for part in 0..<6 {
            try await things.database.write { connection in
                for number in 0..<100 { _ = try connection.value("SELECT ? + \(part * 100 + number)", [1]) as Int? }
            }
        }
        let kept: Int? = try await things.database.write { try $0.value("SELECT count(*) FROM pg_prepared_statements") }
        #expect(try #require(kept) <= 257)  // this one pushes out another, which goes next time
    }
    @Test func whatIsClosedTakesNothingMore() async throws {
        let things = try ThingDatabase()
        try things.database.close()
        await #expect(throws: SQLError.self) { try await things.insert(1) }
        await #expect(throws: SQLError.self) { try await things.numbers() }
        // Another may work on it at once.
        let next = try ThingDatabase(url: things.url)
        try await next.insert(2)
        #expect(try await next.numbers() == [2])
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
