public import Frames
public import Scene

/// Finds objects of one class, such as people, in a frame. One finder serves all streams at once.
public protocol ObjectFinder: Sendable {
    /// - Parameters:
    ///   - region: the part of the frame to look at, in pixels; it alone is scaled to the model's input, so a small region
    ///     gains resolution.
    ///   - urgency: who goes first while others wait too.
    /// - Returns: detections in pixels of the whole frame, the surest first, after NMS.
    func find(in frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Detection]
}

/// Finds the same in small squares of a frame, which are cheap to look at, where it is known about where something is.
public protocol SquareFinder: Sendable {
    /// - Parameters:
    ///   - squares: in pixels of the frame; what of them lies outside `region` is not looked at.
    ///   - region: the part of the frame to look at.
    /// - Returns: detections in pixels of the whole frame, each once, the surest first.
    func find(
        in frame: Frame, squares: [PixelRect], region: PixelRect, urgency: Urgency
    ) async throws -> [Detection]
}

/// Who goes first when more inferences are asked for than the machine does at once.
public enum Urgency: String, Sendable, CaseIterable {
    /// Work that somebody follows as it happens: streams.
    case live
    /// Work that may wait for all of that.
    case batch
}
