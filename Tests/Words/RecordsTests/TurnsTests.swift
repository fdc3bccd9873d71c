import Records
import Synchronization
import Testing

struct TurnsTests {
    private final class Work: Sendable {
        private let state = Mutex((now: 0, most: 0, done: 0))
        var most: Int { state.withLock { $0.most } }
        var done: Int { state.withLock { $0.done } }
        func run() async {
            state.withLock { state in
                state.now += 1
                state.most = max(state.most, state.now)
            }
            for _ in 0..<10 { await Task.yield() }
            state.withLock { state in
                state.now -= 1
                state.done += 1
            }
        }
    }

    @Test func soManyWorkAtOnceAndAllGetTheirTurn() async {
        let turns = Turns(2), work = Work()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 { group.addTask { await turns.take { await work.run() } } }
        }
        #expect(work.most == 2 && work.done == 100)
    }

    @Test func whoFailsPassesHisTurnOn() async {
        struct Failure: Error {}
        let turns = Turns(1)
        for _ in 0..<3 { await #expect(throws: Failure.self) { try await turns.take { throw Failure() } } }
        #expect(await turns.take { 7 } == 7)
    }
}
