import Frames
import Scene
import Synchronization

/// The pictures that analytics may have of a frame, and what is measured in them.
struct FramePictures: Sendable {
    let snapshot: @Sendable (SnapshotPolicy, PixelRect?) -> Snapshot?
    let aligned: @Sendable (SnapshotPolicy, Landmarks5) -> Snapshot?
    let warpQuality: @Sendable (Landmarks5) -> WarpQuality?

    /// - Parameters:
    ///   - shown: what may be seen of the frame.
    ///   - picture: the frame as it is, of which there are numbers only.
    ///   - bench: where faces are aligned to be measured.
    init(of shown: any Picture, measuring picture: any Picture, faces bench: FaceBench) {
        snapshot = { try? shown.snapshot($0, of: $1) }
        aligned = { policy, face in FaceWarp(face).flatMap { try? shown.snapshot(policy, aligned: $0) } }
        warpQuality = { face in FaceWarp(face).flatMap { try? bench.measure($0, in: picture) } }
    }
    /// There are none; `wish` is told when one is asked for.
    init(telling wish: PictureWish) {
        @Sendable func withheld() -> Snapshot? {
            wish.tell()
            return nil
        }
        snapshot = { _, _ in withheld() }
        aligned = { _, _ in withheld() }
        warpQuality = { _ in nil }
    }
}

/// Whether somebody has asked for a picture.
final class PictureWish: Sendable {
    private let told = Mutex(false)
    var isThere: Bool { told.withLock { $0 } }
    func tell() { told.withLock { $0 = true } }
}
