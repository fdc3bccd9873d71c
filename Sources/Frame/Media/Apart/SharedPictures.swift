import CFFmpeg
package import Frames
import Synchronization

/// The pictures that a process apart decodes into memory it shares with this one. Each is read where it lies, and given back when
/// nobody reads it any more.
///
/// `@unchecked Sendable` holds because the frame of a slot belongs to the picture that was made of it, or to nobody; the lock tells
/// which.
package final class SharedPictures: FrameKeeper, @unchecked Sendable {
    private let memory: UnsafeMutableRawBufferPointer
    private let release: @Sendable () -> Void
    private let board: SourceBoard
    private let lane: Int
    private let maximumPixels: Int
    private let ring: @Sendable (SourceBoard) -> Void
    /// Of the slots that were used; touched by the one who makes frames.
    private var frames = [UnsafeMutablePointer<AVFrame>?](repeating: nil, count: SourceBoard.slots)
    private struct Held {
        var slots = [Bool](repeating: false, count: SourceBoard.slots)
        var count = 0
        var hasEnded = false
    }
    /// Slots whose pictures are being read.
    private let held = Mutex(Held())
    private let scratch = ScratchPool()

    /// - Parameters:
    ///   - memory: read only.
    ///   - release: lets the memory go.
    ///   - ring: wakes the process apart when it waits for a picture.
    package init(
        _ memory: UnsafeMutableRawBufferPointer, board: SourceBoard, lane: Int, maximumPixels: Int,
        ring: @escaping @Sendable (SourceBoard) -> Void, release: @escaping @Sendable () -> Void
    ) {
        (self.memory, self.board, self.lane) = (memory, board, lane)
        (self.maximumPixels, self.ring, self.release) = (maximumPixels, ring, release)
    }
    deinit {
        for frame in frames {
            var frame = frame
            av_frame_free(&frame)
        }
        release()
    }

    /// The frame that `note` tells of; `nil` when it cannot be true. Called on one thread.
    package func frame(_ note: PictureNote) -> Frame? {
        guard let slot = Int(exactly: note.slot), frames.indices.contains(slot), let time = note.time,
            let presentation = note.presentation(maximumPixels: maximumPixels),
            held.withLock({ !$0.slots[slot] })
        else { return nil }
        let frame = shell(of: slot)
        guard note.lay(frame, in: memory) else { return nil }
        held.withLock { held in
            held.slots[slot] = true
            held.count += 1
        }
        return Frame(
            time: time, consumers: ConsumerSet(rawValue: note.consumers),
            picture: DecodedPicture(frame, presentation, keeper: self, scratch: scratch))
    }

    private func shell(of slot: Int) -> UnsafeMutablePointer<AVFrame> {
        if let frame = frames[slot] { return frame }
        guard let frame = av_frame_alloc() else { fatalError("av_frame_alloc: out of memory") }
        frame.pointee.opaque = UnsafeMutableRawPointer(bitPattern: slot + 1)
        frames[slot] = frame
        return frame
    }

    func giveBack(_ frame: UnsafeMutablePointer<AVFrame>) {
        let slot = Int(bitPattern: frame.pointee.opaque) - 1
        let isLast = held.withLock { held in
            held.slots[slot] = false
            held.count -= 1
            return held.hasEnded && held.count == 0
        }
        if isLast { board[.pictureBytes] = 0 }
        // From here on the next picture may come in it.
        board.setLent(false, slot: slot, lane: lane)
        ring(board)
    }

    /// Nobody decodes into the memory any more, and no other process of the source is going to.
    package func end() {
        let isEmpty = held.withLock { held in
            held.hasEnded = true
            return held.count == 0
        }
        if isEmpty { board[.pictureBytes] = 0 }
    }
}
