public import Frames
public import Scene

/// Finds people in a frame. One detector serves all streams at once.
public protocol Detector: Sendable {
    /// - Parameter region: the part of the frame to look at, in pixels; it alone is scaled to the model's input, so a
    ///   small region gains resolution.
    /// - Returns: detections in pixels of the whole frame, the surest first, after NMS.
    func detect(in frame: Frame, region: PixelRect) async throws -> [Detection]
}
