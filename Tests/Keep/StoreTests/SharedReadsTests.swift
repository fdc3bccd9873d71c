import Synchronization
import Testing

@testable import Store

struct SharedReadsTests {
    /// A source whose answers come when they are let go.
    private final class Source: Sendable {
        private let count = Mutex(0)
        private let gates: AsyncStream<Void>
        private let gate: AsyncStream<Void>.Continuation
        init() { (gates, gate) = AsyncStream.makeStream() }
        var begun: Int { count.withLock { $0 } }
        func letGo() { gate.yield() }
        func read() async -> Int {
            let number = count.withLock {
                $0 += 1
                return $0
            }
            for await _ in gates { break }
            return number
        }
    }

    @Test func whoAsksMeanwhileSharesTheNextAnswer() async throws {
        let reads = SharedReads<String, Int>(), source = Source()
        let first = Task { try await reads.answer(to: "a") { await source.read() } }
        while source.begun < 1 { await Task.yield() }
        let meanwhile = (0..<50).map { _ in Task { try await reads.answer(to: "a") { await source.read() } } }
        while reads.waitingCount(for: "a") < 50 { await Task.yield() }
        source.letGo()
        // What began before they asked may not know what they have heard of.
        #expect(try await first.value == 1)
        source.letGo()
        for task in meanwhile { #expect(try await task.value == 2) }
        #expect(source.begun == 2)
    }

    @Test func onlyTheSameQuestionIsShared() async throws {
        let reads = SharedReads<Int, Int>()
        let answers = try await withThrowingTaskGroup(of: Int.self) { group in
            for question in 0..<20 { group.addTask { try await reads.answer(to: question) { question } } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.sorted() == Array(0..<20))
    }

    @Test func aFailureIsToldAndTheNextTriesAgain() async throws {
        struct Away: Error {}
        let reads = SharedReads<String, Int>()
        await #expect(throws: Away.self) { try await reads.answer(to: "a") { throw Away() } }
        #expect(try await reads.answer(to: "a") { 7 } == 7)
    }
}
