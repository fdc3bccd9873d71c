public import Frames
public import Inference
public import Scene
import Synchronization

/// Finds what its script says is in the frame.
public final class ScriptedFinder: ObjectFinder {
    private let script: @Sendable (FrameTime) throws -> [Detection]
    private let regions = Mutex<[PixelRect]>([])

    public init(_ script: @escaping @Sendable (FrameTime) throws -> [Detection]) { self.script = script }

    /// One person who walks to the right, 5 pixels a frame, seen in the given frames.
    public convenience init(walkerIn frames: Range<Int>, confidence: Float = 0.9) {
        self.init { time in
            guard frames.contains(time.index) else { return [] }
            let x = 40 + 5 * Float(time.index)
            return [
                Detection(box: BoundingBox(minX: x, minY: 100, maxX: x + 40, maxY: 220), confidence: confidence)
            ]
        }
    }

    /// The regions looked at so far, one per detection.
    public var regionsLookedAt: [PixelRect] { regions.withLock { $0 } }

    public func find(in frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Detection] {
        regions.withLock { $0.append(region) }
        return try script(frame.time)
    }
}
