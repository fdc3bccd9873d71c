public import Frames
public import Records
public import Scene

/// Says what faces look like. One serves all who ask.
public protocol FaceDescriber: Sendable {
    /// - Parameters:
    ///   - region: of the frame that shows an aligned face as recognisers want it, see `FaceWarp.templateRegion`.
    ///   - urgency: who goes first while others wait too.
    /// - Returns: `nil` where the network gives numbers that are none, or nothing but zeros.
    func describe(_ frame: Frame, region: PixelRect, urgency: Urgency) async throws -> Descriptor?
}

/// A model that says what faces look like. Freed like `LoadedModel`, with its last holder.
public final class LoadedDescriber: Sendable {
    public let describer: any FaceDescriber
    public init(describer: any FaceDescriber) { self.describer = describer }
}

/// Gives out the model that says what faces look like.
public protocol DescriberShelf: Sendable {
    /// The same object for as long as somebody holds it. May take seconds the first time.
    /// - Throws: as `ModelShelf.model`.
    func describer() async throws -> LoadedDescriber
}
