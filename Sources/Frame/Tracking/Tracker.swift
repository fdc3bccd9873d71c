public import Scene

/// Follows people from analysed frame to analysed frame. A value, owned by whoever runs the stream.
public protocol Tracker: Sendable {
    /// Takes the detections of the next analysed frame.
    /// - Parameters:
    ///   - detections: in pixels of the source frame, also the unsure ones; no order needed.
    ///   - pts: later than that of the previous call. Frames may be missing and rates may change: only time counts.
    ///   - frameSize: of the source frame.
    /// - Returns: every track that is alive, oldest first: tentative, confirmed and lost. One that is no longer
    ///   returned has ended and its id never comes back.
    mutating func update(with detections: [Detection], at pts: MediaTime, frameSize: PixelSize) -> [Track]
}
