@testable import Models
import Testing

struct CancellationTests {
    struct Broken: Error {}

    /// A model that is compiled cannot be stopped; whoever waits for it can.
    @Test func whoWaitsForATaskIsFreeAtOnceAndTheTaskGoesOn() async throws {
        let (work, end) = AsyncStream.makeStream(of: Int.self)
        let task = Task<Int, any Error> {
            for await value in work { return value }
            throw Broken()
        }
        let waiter = Task { try await task.valueUnlessCancelled }
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        end.yield(7)
        #expect(try await task.valueUnlessCancelled == 7)
    }

    @Test func itsFailureIsPassedOn() async {
        await #expect(throws: Broken.self) { try await Task<Int, any Error> { throw Broken() }.valueUnlessCancelled }
    }
}
