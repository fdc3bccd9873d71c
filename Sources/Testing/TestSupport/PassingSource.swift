public import Frames
public import Scene
import Synchronization

/// A live source without frames, whose coded video comes when a test says so.
public final class PassingSource: FrameSource {
    private struct State {
        var watcher: (@Sendable (VideoPiece) -> Void)?
        var asked = 0
        var number = 0
        var isCancelled = false
    }
    private let state = Mutex(State())
    public init() {}

    /// How often somebody has asked for video, and whether anybody does.
    public var asked: Int { state.withLock { $0.asked } }
    public var isWatched: Bool { state.withLock { $0.watcher != nil } }

    public func passVideo(to watcher: (@Sendable (VideoPiece) -> Void)?) {
        state.withLock { state in
            state.watcher = watcher
            if watcher != nil { state.asked += 1 }
        }
    }
    /// A head whose time begins at `origin`, to whoever has asked.
    public func passHead(origin: MediaTime = .zero) {
        pass(.head(VideoHead(codec: "avc1.64001f", bytes: Self.head, origin: origin)))
    }
    /// So many fragments of some bytes, 25 a second by their own time; the first is a key frame, and each `interval`th after it.
    public func passFragments(_ count: Int, interval: Int = 25, byteCount: Int = 8) {
        for _ in 0..<count {
            let number = state.withLock { state in
                defer { state.number += 1 }
                return state.number
            }
            var bytes = [UInt8](repeating: 0, count: byteCount)
            (bytes[0], bytes[1], bytes[2]) = (Self.mark, UInt8(number / 256), UInt8(number % 256))
            pass(
                .fragment(
                    VideoFragment(
                        bytes: bytes, isKeyframe: number % interval == 0, time: MediaTime(seconds: Double(number) / 25))
                ))
        }
    }
    private func pass(_ piece: VideoPiece) { state.withLock { $0.watcher }?(piece) }

    public static let head: [UInt8] = [0xf0, 1, 2, 3]
    /// With which each fragment begins.
    public static let mark: UInt8 = 0xf1
    /// Which fragment bytes are; `nil`: none.
    public static func number(of bytes: [UInt8]) -> Int? {
        bytes.count > 2 && bytes[0] == mark ? Int(bytes[1]) * 256 + Int(bytes[2]) : nil
    }

    public var statistics: SourceStatistics { SourceStatistics() }
    public var properties: SourceProperties {
        SourceProperties(
            size: PixelSize(width: 640, height: 360), frameRate: 25, duration: nil, frameCount: nil, codec: "h264")
    }
    public func cancel() { state.withLock { $0.isCancelled = true } }
    public func next() async throws -> Frame? {
        while !state.withLock({ $0.isCancelled }) { try await Task.sleep(for: .milliseconds(2)) }
        return nil
    }
}
