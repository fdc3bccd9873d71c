import Foundation
import SQL
import Synchronization
import Testing

struct GroupCommitTests {
    private let database: NumberDatabase
    private let commit: GroupCommit<[Int]>
    init() throws {
        let database = try NumberDatabase()
        self.database = database
        commit = GroupCommit(database) { numbers, connection in try connection.insert(numbers) }
    }

    /// Keeps the connection that writes busy while `work` runs.
    private func whileBusy(_ work: () async throws -> Void) async throws {
        let begun = AsyncStream.makeStream(of: Void.self), end = DispatchSemaphore(value: 0)
        async let busy: Void = database.write { _ in
            begun.continuation.finish()
            end.wait()
        }
        for await _ in begun.stream {}
        do {
            try await work()
            end.signal()
        } catch {
            end.signal()
            throw error
        }
        try await busy
    }
    private func waits(for count: Int) async throws {
        while commit.waitingCount < count { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test func whoWaitsIsWrittenTogetherAtMost256AtOnce() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            try await whileBusy {
                for number in 0..<600 { group.addTask { try await commit.write([number]) } }
                try await waits(for: 600)
            }
            try await group.waitForAll()
        }
        #expect(try await Set(database.numbers) == Set(0..<600))
        #expect(database.transactionCount == 1 + 3)  // the busy one; 256, 256 and 88
        #expect(commit.waitingCount == 0)
    }

    @Test func aCallersOrderStays() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<8 {
                group.addTask { for step in 0..<50 { try await commit.write([caller * 100 + step]) } }
            }
            try await group.waitForAll()
        }
        let numbers = try await database.numbers
        #expect(numbers.count == 400)
        for caller in 0..<8 {
            #expect(numbers.filter { $0 / 100 == caller } == (0..<50).map { caller * 100 + $0 })
        }
    }

    @Test func whatIsWrongWithOneIsNoConcernOfTheOthers() async throws {
        let outcomes = try await withThrowingTaskGroup(of: (Int, SQLError.Kind?).self) { group in
            try await whileBusy {
                for number in [1, -2, 3] {
                    group.addTask {
                        do {
                            try await commit.write([10 * abs(number), number])  // whole or not at all
                            return (number, nil)
                        } catch let error as SQLError {
                            return (number, error.kind)
                        }
                    }
                }
                try await waits(for: 3)
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = .some($1.1) }
        }
        #expect(outcomes == [1: nil, -2: .refused, 3: nil])
        #expect(try await Set(database.numbers) == [10, 1, 30, 3])
    }

    @Test func whatTheCancelledHaveToSayIsWrittenToo() async throws {
        var cancelled: [Task<Void, any Error>] = []
        try await whileBusy {
            for number in 0..<3 { cancelled.append(Task { try await commit.write([number]) }) }
            try await waits(for: 3)
            for task in cancelled { task.cancel() }
        }
        for task in cancelled { try await task.value }
        #expect(try await Set(database.numbers) == [0, 1, 2])
    }

    @Test func aDatabaseThatIsGoneIsToldToAllAndUsedAgainWhenItIsBack() async throws {
        database.isGone.store(true, ordering: .releasing)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                group.addTask {
                    let error = await #expect(throws: SQLError.self) { try await commit.write([number]) }
                    #expect(error?.kind == .unavailable)
                }
            }
        }
        database.isGone.store(false, ordering: .releasing)
        try await commit.write([7])
        #expect(try await database.numbers == [7])
    }
}
