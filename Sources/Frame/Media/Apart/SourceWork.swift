import CFFmpeg
package import Frames
package import Records
package import Scene

/// Who carries pictures to another process. Its methods are called on the thread that decodes.
package protocol PictureCarrier: AnyObject {
    func opened(_ properties: SourceProperties)
    /// - Returns: false when the other side is gone.
    func carry(_ note: PictureNote) -> Bool
    func carry(_ piece: VideoPiece)
    /// Waits until the board's `bell` is no longer `seen`, or a moment.
    func wait(for board: SourceBoard, seen: Int64)
    func finish(_ error: MediaError?, whileOpening: Bool)
}

/// The work of a process apart: one source, opened through its entrance, decoded into memory that whoever asked for it reads.
package struct SourceWork {
    private let thread: SourceThread

    /// - Parameters:
    ///   - file: of a file or a download; stays open as long as this works.
    ///   - skipped: frames of a file that were carried before, and are not again.
    ///   - memory: all zero, shared with whoever reads the pictures.
    ///   - beforeFrame: called with the index of each frame that is about to be carried.
    package init(
        _ request: SourceSpecification, rates: [Rate], configuration: MediaConfiguration, entrance: Entrance,
        file: Int32?, skipped: Int, board: SourceBoard, lane: Int, memory: UnsafeMutableRawBufferPointer,
        carrier: any PictureCarrier, beforeFrame: @escaping (Int) -> Void
    ) {
        FFmpegLog.prepare()
        av_max_alloc(configuration.largestBlock)
        let outlet = ApartOutlet(
            board, lane: lane, arena: Arena(memory), carrier: carrier, limit: configuration.maximumPictureMemory,
            beforeFrame: beforeFrame)
        thread = SourceThread(
            request, rates: rates, configuration: configuration, entrance: entrance, file: file, skipped: skipped,
            outlet: outlet)
    }
    /// Returns when nothing follows. Blocks.
    package func run() { thread.run() }
}

/// Lends pictures to another process until they are given back.
private final class ApartOutlet: SourceOutlet {
    /// Frames that the other side has been told of and has not taken.
    private static let mostOnTheWay = 2

    let board: SourceBoard
    private let lane: Int
    let interrupt: Interrupt
    let budget: PictureBudget
    let shells = FrameShells()
    private let pictures: Arena
    private let carrier: any PictureCarrier
    private let beforeFrame: (Int) -> Void
    private var lent = [UnsafeMutablePointer<AVFrame>?](repeating: nil, count: SourceBoard.slots)
    private var carried: Int64 = 0
    /// For pictures of decoders that lay them where they like.
    private lazy var copies = CopiedPictures(PictureMemory(budget, arena: pictures))

    init(
        _ board: SourceBoard, lane: Int, arena: Arena, carrier: any PictureCarrier, limit: Int,
        beforeFrame: @escaping (Int) -> Void
    ) {
        (self.board, self.lane, interrupt, pictures) = (board, lane, Interrupt(board), arena)
        (self.carrier, self.beforeFrame) = (carrier, beforeFrame)
        budget = PictureBudget(limit: limit, board: board)
    }

    var arena: (any PictureArena)? { pictures }
    func opened(_ properties: SourceProperties) { carrier.opened(properties) }
    func pass(_ piece: VideoPiece) { carrier.carry(piece) }
    func finish(_ error: MediaError?, whileOpening: Bool) { carrier.finish(error, whileOpening: whileOpening) }

    func deliver(
        _ frame: UnsafeMutablePointer<AVFrame>, _ presentation: Presentation, _ time: FrameTime,
        _ consumers: ConsumerSet
    ) -> Bool {
        beforeFrame(time.index)
        guard let slot = freeSlot() else {
            shells.giveBack(frame)
            return false
        }
        var offsets = pictures.offsets(of: frame)
        if offsets == nil, copies.replace(frame) { offsets = pictures.offsets(of: frame) }
        guard let offsets else {
            shells.giveBack(frame)
            return true  // the budget tells why
        }
        lent[slot] = frame
        board.setLent(true, slot: slot, lane: lane)
        carried += 1
        return carrier.carry(PictureNote(frame, slot: slot, presentation, time, consumers, offsets: offsets))
    }

    /// Takes back what was given back, and waits until the other side follows. `nil` when nobody wants more.
    private func freeSlot() -> Int? {
        while !interrupt.isCancelled {
            let seen = board[.bell]
            var free: Int?
            for slot in lent.indices {
                if let frame = lent[slot], !board.isLent(slot: slot, lane: lane) {
                    lent[slot] = nil
                    shells.giveBack(frame)
                }
                if free == nil, lent[slot] == nil { free = slot }
            }
            if let free, carried &- board[.taken] < Self.mostOnTheWay { return free }
            interrupt.beat()
            carrier.wait(for: board, seen: seen)
        }
        return nil
    }
}

/// Copies of pictures whose decoder has no use for the memory that it is offered.
private final class CopiedPictures {
    private let memory: PictureMemory
    init(_ memory: PictureMemory) { self.memory = memory }

    /// Lays `frame` in the memory. Returns false when there is no room.
    func replace(_ frame: UnsafeMutablePointer<AVFrame>) -> Bool {
        guard let copy = av_frame_alloc() else { return false }
        defer {
            var done: UnsafeMutablePointer<AVFrame>? = copy
            av_frame_free(&done)
        }
        (copy.pointee.format, copy.pointee.width, copy.pointee.height) = (
            frame.pointee.format, frame.pointee.width, frame.pointee.height
        )
        guard memory.provide(copy, for: nil) >= 0, av_frame_copy(copy, frame) >= 0,
            av_frame_copy_props(copy, frame) >= 0
        else { return false }
        av_frame_unref(frame)
        av_frame_move_ref(frame, copy)
        return true
    }
}
