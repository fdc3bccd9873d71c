import Frames
import Scene

/// Of a frame what is known when its picture is given back.
struct LookedAt: Sendable {
    let pts: MediaTime
    let size: PixelSize
}

extension FrameSource {
    /// Looks at some frames at once, and takes what is found in them one by one in their order.
    /// - Parameters:
    ///   - known: frames at the beginning that are passed over.
    ///   - count: how many pictures are held at most.
    ///   - choose: called for each frame in their order, also for those that are passed over; what it says is told to `look`.
    /// - Returns: how many frames there were, those that were passed over too.
    /// - Throws: what the source, `look` and `body` throw; `CancellationError`.
    func forEachInOrder<Choice: Sendable, Found: Sendable>(
        after known: Int = 0, atOnce count: Int, choose: (Frame) -> Choice,
        look: @escaping @Sendable (Frame, Choice) async throws -> Found,
        body: (LookedAt, Found) async throws -> Void
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: (Int, LookedAt, Found).self) { group in
            var begun = 0, done = known, hasEnded = false
            var waiting: [Int: (LookedAt, Found)] = [:]
            while true {
                while !hasEnded, begun - done < count {
                    guard let frame = try await next() else {
                        hasEnded = true
                        break
                    }
                    try Task.checkCancellation()
                    begun += 1
                    let choice = choose(frame)
                    guard begun > known else { continue }
                    group.addTask { [index = begun - 1] in
                        let found = try await look(frame, choice)
                        return (index, LookedAt(pts: frame.time.pts, size: frame.size), found)
                    }
                }
                guard let (index, frame, found) = try await group.next() else { return begun }
                waiting[index] = (frame, found)
                while let (frame, found) = waiting.removeValue(forKey: done) {
                    try await body(frame, found)
                    done += 1
                }
            }
        }
    }
}
