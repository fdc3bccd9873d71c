import CFFmpeg
import Synchronization

/// Who gets a frame back when nobody reads it any more. Called on any thread.
protocol FrameKeeper: AnyObject, Sendable {
    func giveBack(_ frame: UnsafeMutablePointer<AVFrame>)
}

/// Spare `AVFrame`s of one source. A shell is small; the pixels it refers to stay the decoder's and are counted.
///
/// `@unchecked Sendable` holds because a shell is in the pool, where nobody reads it, or with one owner.
final class FrameShells: FrameKeeper, @unchecked Sendable {
    private let spare = Mutex<[Shell]>([])
    /// `@unchecked Sendable`: moved between owners under the lock.
    private struct Shell: @unchecked Sendable { let pointer: UnsafeMutablePointer<AVFrame> }

    func take() -> UnsafeMutablePointer<AVFrame> {
        if let shell = spare.withLock({ $0.popLast() }) { return shell.pointer }
        guard let pointer = av_frame_alloc() else { fatalError("av_frame_alloc: out of memory") }
        return pointer
    }
    /// Drops the pixels and keeps the shell.
    func giveBack(_ pointer: UnsafeMutablePointer<AVFrame>) {
        av_frame_unref(pointer)
        let shell = Shell(pointer: pointer)
        spare.withLock { $0.append(shell) }
    }
    deinit {
        for shell in spare.withLock({ $0 }) {
            var pointer: UnsafeMutablePointer<AVFrame>? = shell.pointer
            av_frame_free(&pointer)
        }
    }
}
