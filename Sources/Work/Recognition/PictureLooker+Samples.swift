import Frames
import Media
public import Records

extension PictureLooker {
    /// What the aligned face of a sample looks like, which was just made of a picture: the same as of one that is stored and read again.
    /// - Parameter bytes: as `FoundFace.sample` encodes it.
    /// - Returns: `nil` where there is no model for it, or it gives no descriptor.
    public func descriptor(ofSample bytes: [UInt8]) async throws -> Descriptor? {
        let side = FaceWarp.side
        return try await descriptor(
            ofWarp: StillWork.open(bytes, StillWishes(maximumPixels: side * side, isTurned: false)))
    }
}
