public import Frames
import Scene

/// What a viewer is told.
public enum ViewNews: Sendable {
    case frame(ViewedFrame)
    /// Of the coded video, for who asked for it. From its first head on until `absent`, frames come without pictures.
    case video(VideoPiece)
    /// The stream's source is not open: it has not been yet, is being opened again, or the stream is over.
    case absent
}

/// So many frames a second, the same ones for all who want as many: each beat is a piece of the stream's own time.
struct Rhythm: Sendable {
    let rate: Int
    /// The beat whose frame was shown last.
    private let last: Int64

    init(_ rate: Int, after frame: MediaTime) {
        self.rate = rate
        last = Self.beat(of: frame, rate)
    }
    func wants(_ pts: MediaTime) -> Bool { Self.beat(of: pts, rate) != last }

    /// Frames that come as often as beats lie in the middle of theirs, so that a little unsteadiness loses none.
    private static func beat(of pts: MediaTime, _ rate: Int) -> Int64 {
        Int64((pts.seconds * Double(rate) + 0.5).rounded(.down))
    }
}

/// One who watches a stream; no longer when nobody holds it.
public final class Viewer: Sendable {
    private let view: StreamView
    private let number: Int
    private let bell: AsyncStream<Void>

    init(of view: StreamView, _ form: PictureForm, wantsVideo: Bool) {
        self.view = view
        let (bell, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.bell = bell
        number = view.add(form, wantsVideo: wantsVideo, continuation)
    }
    deinit { view.remove(number) }

    /// Waits for a frame, the next that there is, or for what comes before it. One call at a time.
    /// - Parameters:
    ///   - rate: about how many a second are wanted.
    ///   - last: that was shown before; `nil`: none was.
    /// - Returns: `nil` when the task is cancelled.
    public func next(atMost rate: Int? = nil, after last: ViewedFrame? = nil) async -> ViewNews? {
        var wish = StreamView.Wish(earliest: .now, rhythm: nil)
        if let rate, let last {
            // A file may be read faster than it plays.
            wish = StreamView.Wish(
                earliest: last.instant + .seconds(0.8 / Double(rate)), rhythm: Rhythm(rate, after: last.time.pts))
        }
        var bells = bell.makeAsyncIterator()
        while !Task.isCancelled {
            if let news = view.news(for: number, wish) { return news }
            guard await bells.next() != nil else { return nil }
        }
        return nil
    }
    /// Says that the stream may have another status than it had: while its source is not open, `next` returns `absent` once more.
    public func doubt() { view.doubt(number) }
}
