import Scene
import Synchronization
import Testing

struct SnapshotTests {
    private final class Counter: Sendable { let count = Mutex(0) }
    private struct Broken: Error {}

    @Test func itIsEncodedOnceAndNotBeforeSomebodyAsks() throws {
        let counter = Counter()
        let snapshot = Snapshot(mediaType: .jpeg) {
            counter.count.withLock { $0 += 1 }
            return [1, 2, 3]
        }
        let copy = snapshot
        #expect(counter.count.withLock { $0 } == 0)
        for _ in 0..<3 { #expect(try snapshot.bytes == [1, 2, 3]) }
        #expect(try copy.bytes == [1, 2, 3])
        #expect(counter.count.withLock { $0 } == 1)
    }
    @Test func whatCannotBeEncodedIsNotTriedAgain() {
        let counter = Counter()
        let snapshot = Snapshot(mediaType: .png) {
            counter.count.withLock { $0 += 1 }
            throw Broken()
        }
        for _ in 0..<2 { #expect(throws: Broken.self) { try snapshot.bytes } }
        #expect(counter.count.withLock { $0 } == 1)
    }
}
