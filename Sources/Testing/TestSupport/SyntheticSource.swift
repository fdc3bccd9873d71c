import Foundation
public import Frames
public import Records
public import Scene
import Synchronization

/// Frames without pixels at a steady rate, on a clock of their own: the truth is in the detector's script.
public final class SyntheticSource: FrameSource {
    public let properties: SourceProperties
    private let frameRate: Double
    private let count: Int
    private let failure: (any SourceFailure)?
    private let isEndless: Bool
    private struct State {
        var index = 0
        var samplers: [FrameSampler]
        var isCancelled = false
        var statistics = SourceStatistics()
    }
    private let state: Mutex<State>

    /// - Parameters:
    ///   - count: frames until the end; afterwards `failure` is thrown, if there is one.
    ///   - waitsAtEnd: after the last frame `next()` waits until it is cancelled, as a live camera that stands still.
    public init(
        size: PixelSize = PixelSize(width: 640, height: 360), frameRate: Double = 10, count: Int, rates: [Rate],
        failure: (any SourceFailure)? = nil, waitsAtEnd: Bool = false, segments: SourceProperties.SegmentList? = nil
    ) {
        var properties = SourceProperties(
            size: size, frameRate: frameRate, duration: Double(count) / frameRate, frameCount: count, codec: "synthetic"
        )
        properties.segments = segments
        self.properties = properties
        (self.frameRate, self.count, self.failure, isEndless) = (frameRate, count, failure, waitsAtEnd)
        state = Mutex(State(samplers: rates.map(FrameSampler.init)))
    }

    public var statistics: SourceStatistics { state.withLock { $0.statistics } }
    public func cancel() { state.withLock { $0.isCancelled = true } }

    public func next() async throws -> Frame? {
        while true {
            let (frame, isOver) = state.withLock { advance(&$0) }
            if let frame { return frame }
            guard isOver else { continue }
            guard isEndless, !state.withLock({ $0.isCancelled }) else { break }
            try await Task.sleep(for: .milliseconds(2))
        }
        if let failure, !state.withLock({ $0.isCancelled }) { throw failure }
        return nil
    }

    private func advance(_ state: inout State) -> (Frame?, isOver: Bool) {
        guard !state.isCancelled, state.index < count else { return (nil, true) }
        let pts = MediaTime(seconds: Double(state.index) / frameRate)
        let time = FrameTime(
            index: state.index, pts: pts, wallClock: Date(timeIntervalSince1970: 1_700_000_000 + pts.seconds))
        var consumers = ConsumerSet()
        for sampler in state.samplers.indices where state.samplers[sampler].wants(time) {
            consumers.insert(ConsumerSet(index: sampler))
        }
        state.index += 1
        state.statistics.framesDecoded += 1
        guard !consumers.isEmpty else { return (nil, false) }
        state.statistics.framesDelivered += 1
        return (Frame(time: time, consumers: consumers, picture: BlankPicture(size: properties.size)), false)
    }
}

/// Opens one synthetic source, for whatever rates are asked.
public struct SyntheticOpener: FrameSourceOpener {
    private let make: @Sendable ([Rate]) -> SyntheticSource
    public init(_ make: @escaping @Sendable ([Rate]) -> SyntheticSource) { self.make = make }
    public func open(
        _ request: SourceSpecification, rates: [Rate], answerWithin patience: Duration?
    ) -> any FrameSource { make(rates) }
}

/// A picture that is one grey, whatever is asked of it.
public final class BlankPicture: Picture {
    public let size: PixelSize
    public init(size: PixelSize) { self.size = size }
    public func draw(_ region: PixelRect, to target: PixelTarget) {
        for row in 0..<target.size.height {
            (target.base + row * target.bytesPerRow).update(repeating: 128, count: target.size.width * 3)
        }
    }
    public func snapshot(
        _ policy: SnapshotPolicy, of region: PixelRect?, retouched: ((PixelTarget) -> Void)?
    ) -> Snapshot {
        Snapshot(mediaType: policy.mediaType, bytes: [1, 2, 3])
    }
    public func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp, of shown: any Picture) -> Snapshot {
        Snapshot(mediaType: policy.mediaType, bytes: [4, 5, 6])
    }
}

/// A failure with a text of the test's choice.
public struct SyntheticFailure: SourceFailure, Equatable {
    public let description: String
    public let isTransient: Bool
    public let silence: Duration?
    public init(_ description: String, isTransient: Bool, silence: Duration? = nil) {
        (self.description, self.isTransient, self.silence) = (description, isTransient, silence)
    }
}
