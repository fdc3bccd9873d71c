public import Frames
public import Inference
public import Scene
import Synchronization

/// Finds what its script says is in the squares, and remembers which those were.
public final class SquareScript: SquareFinder {
    private let script: @Sendable (FrameTime, [PixelRect]) throws -> [Detection]
    private let looks = Mutex<[(frame: Int, squares: [PixelRect])]>([])

    public init(_ script: @escaping @Sendable (FrameTime, [PixelRect]) throws -> [Detection]) { self.script = script }

    /// The squares of each look so far, with the frame's number.
    public var squaresLookedAt: [(frame: Int, squares: [PixelRect])] { looks.withLock { $0 } }

    public func find(
        in frame: Frame, squares: [PixelRect], region: PixelRect, urgency: Urgency
    ) async throws -> [Detection] {
        looks.withLock { $0.append((frame.time.index, squares)) }
        return try script(frame.time, squares)
    }
}
