import Frames
import Scene

/// Of a frame what is known when its picture is given back.
struct LookedAt: Sendable {
    let pts: MediaTime
    let size: PixelSize
}

extension FrameSource {
    /// Looks at some frames at once, and takes what is found in them one by one in their order.
    /// - Parameter count: how many pictures are held at most.
    /// - Throws: what the source, `look` and `body` throw; `CancellationError`.
    func forEachInOrder<Found: Sendable>(
        atOnce count: Int, look: @escaping @Sendable (Frame) async throws -> Found,
        body: (LookedAt, Found) throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (Int, LookedAt, Found).self) { group in
            var begun = 0, done = 0, hasEnded = false
            var waiting: [Int: (LookedAt, Found)] = [:]
            while true {
                while !hasEnded, begun - done < count {
                    guard let frame = try await next() else {
                        hasEnded = true
                        break
                    }
                    try Task.checkCancellation()
                    group.addTask { [begun] in
                        let found = try await look(frame)
                        return (begun, LookedAt(pts: frame.time.pts, size: frame.size), found)
                    }
                    begun += 1
                }
                guard let (index, frame, found) = try await group.next() else { return }
                waiting[index] = (frame, found)
                while let (frame, found) = waiting.removeValue(forKey: done) {
                    try body(frame, found)
                    done += 1
                }
            }
        }
    }
}
