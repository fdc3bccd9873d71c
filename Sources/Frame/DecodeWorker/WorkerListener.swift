import CSandbox
import Foundation
import Frames
import Media
import Records
import Scene

/// Has a source decoded by a worker, and by a new one when that dies or its launcher does, and hands its frames over. Belongs to the
/// thread that runs it.
///
/// A file goes on where it was: what was delivered is decoded again and not delivered. What is live ends with its worker, since it
/// is opened anew by those who know how its clock goes on.
///
/// `@unchecked Sendable`: it is made on one thread and used on another.
final class WorkerListener: @unchecked Sendable {
    private enum End {
        case finished(MediaError?)
        case died(WorkerFailure.Death)
    }
    /// How often it is seen whether the worker goes on.
    private static let look: Int32 = 250  // ms
    /// What a worker that was told to end may take for it: to tell a camera, above all.
    private static let farewell: Duration = .seconds(2)
    /// Before the next worker is started.
    private static let pause: UInt32 = 100_000  // µs

    private var order: Order
    private let configuration: MediaConfiguration
    private let state: SourceState
    private let board: SharedMemory
    private let launcher: WorkerLauncher
    private let transports: RTSPTransports
    private var message = [UInt8](repeating: 0, count: MessageLimit.word)
    private var isOpen = false
    /// Of the latest worker.
    private var pictures: SharedPictures?
    private var cancelledSince: ContinuousClock.Instant?
    private var fragment = VideoWords.Assembly()

    init(
        _ order: Order, state: SourceState, board: consuming SharedMemory, launcher: WorkerLauncher,
        transports: RTSPTransports
    ) {
        (self.order, configuration, self.state) = (order, order.configuration, state)
        self.board = board
        (self.launcher, self.transports) = (launcher, transports)
    }

    func run() {
        defer { pictures?.end() }
        do {
            state.interrupt.arm(configuration.openDeadline)
            let approach = try Approach(
                order.request, configuration: configuration, transports: transports)
            order.entrance = approach.entrance
            var deaths = 0
            for attempt in 1... {
                let failure: WorkerFailure
                do {
                    switch try runWorker(approach) {
                    case .finished(let error): return state.finish(error)
                    case .died(let cause):
                        deaths += 1
                        failure = .died(cause, times: deaths)
                    }
                } catch WorkerFailure.abandoned {
                    failure = .abandoned
                }
                guard order.request.kind == .file, attempt < WorkerFailure.mostDeaths, !state.interrupt.isCancelled
                else { throw failure }
                usleep(Self.pause)
                order.lane = attempt
                approach.startOver()
            }
        } catch let error as any SourceFailure {
            state.finish(error)
        } catch {
            state.finish(WorkerFailure.abandoned)
        }
    }

    /// - Throws: a `SourceFailure`: that a worker could not be had, or could not be let go on.
    private func runWorker(_ approach: Approach) throws -> End {
        try checkRoom(approach)
        let room = Gifts.spareRoom + configuration.maximumPictureMemory
        let memory = try SharedMemory("pictures", byteCount: room)
        nonisolated(unsafe) let bytes = try memory.map(isWritable: false)
        let pictures = SharedPictures(
            bytes, board: state.board, lane: order.lane, maximumPixels: configuration.maximumPixels, ring: Self.ring
        ) { SharedMemory.unmap(bytes) }
        self.pictures = pictures
        fragment = VideoWords.Assembly()
        (state.board[.taken], state.board[.pictureBytes], state.board[.refusedBytes]) = (0, 0, 0)
        order.pictureBytes = room
        let gifts = try Gifts(
            board: board.descriptor, pictures: memory.descriptor, approach, interrupt: state.interrupt,
            patience: min(configuration.openDeadline, configuration.answerDeadline ?? configuration.openDeadline))
        let (channel, far) = try Gifts.channel()
        let id: Int64
        do {
            defer { close(far) }
            id = try launcher.launch(far)
        } catch {
            close(channel)
            throw error
        }
        defer { close(channel) }
        state.interrupt.arm(configuration.openDeadline)
        order.gifts = gifts.list.map(\.kind)
        let text = try JSONEncoder().encode(Work.source(order)), descriptors = gifts.list.map(\.descriptor)
        _ = text.withUnsafeBytes {
            sl_send(channel, $0.baseAddress, $0.count, descriptors, Int32(descriptors.count))
        }
        let end: End?
        do { end = try listen(to: channel, id, pictures, approach) } catch {
            launcher.kill(id)
            _ = launcher.waitForEnd(id, patience: 1)
            throw error
        }
        let status = launcher.waitForEnd(id, patience: end == nil ? 1 : 2)
        if let end { return end }
        if status == WorkerLauncher.unknownEnd { throw WorkerFailure.abandoned }
        return .died(WorkerFailure.Death(status: status))
    }

    /// Until the worker says how it ended; `nil` when it ends and says nothing.
    private func listen(to channel: Int32, _ id: Int64, _ pictures: SharedPictures, _ approach: Approach) throws -> End?
    {
        var lastLook = ContinuousClock.now
        while true {
            let count = sl_receive(channel, &message, message.count, nil, nil, Self.look)
            let isSilent = count == -Int(ETIMEDOUT)
            // Also at one that never stops talking.
            if isSilent || ContinuousClock.now - lastLook >= .milliseconds(Self.look) {
                lastLook = .now
                if let end = try judge(id, approach) { return end }
            }
            if isSilent { continue }
            guard count > 0 else { return nil }
            let rest = message[1..<count]
            switch Word(rawValue: message[0]) {
            case .picture:
                guard count == 1 + MemoryLayout<PictureNote>.size, let frame = frame(pictures) else {
                    launcher.kill(id)
                    return .died(.nonsense)
                }
                order.skipped = frame.time.index + 1
                _ = state.buffer.push(frame)
                state.board.add(1, to: .taken)
                Self.ring(state.board)
            case .opened:
                guard let properties = try? JSONDecoder().decode(SourceProperties.self, from: Data(rest)) else {
                    continue
                }
                isOpen = true
                state.properties = properties.believable
                approach.opened(state.properties)
                state.opened(.success(()))
            case .ended:
                guard let ending = try? JSONDecoder().decode(Ending.self, from: Data(rest)) else { return nil }
                let error = ending.error?.believable
                return .finished(ending.whileOpening ? error.map(approach.reason) : error)
            case .line: FFmpegLog.relay(String(decoding: rest.prefix(MessageLimit.line), as: UTF8.self))
            case .videoHead, .fragment, .bytes:
                guard pass(Word(rawValue: message[0]), rest) else {
                    launcher.kill(id)
                    return .died(.nonsense)
                }
            case .file, .damage, .packet, nil: return nil
            }
        }
    }

    /// Passes on coded video, which is believed to be nothing but bytes. Returns false for what cannot be any.
    private func pass(_ word: Word?, _ rest: ArraySlice<UInt8>) -> Bool {
        if word == .videoHead {
            guard let head = VideoWords.head(rest) else { return false }
            state.pass(.head(head))
            return true
        }
        guard word == .fragment ? fragment.begin(rest) : fragment.add(rest) else { return false }
        if let whole = fragment.take() { state.pass(.fragment(whole)) }
        return true
    }

    private func frame(_ pictures: SharedPictures) -> Frame? {
        let note = message.withUnsafeBytes { PictureNote(UnsafeRawBufferPointer(rebasing: $0[1...])) }
        guard let time = note.time, time.index >= order.skipped else { return nil }
        return pictures.frame(note)
    }

    /// Looks whether a worker goes on, and may.
    private func judge(_ id: Int64, _ approach: Approach) throws -> End? {
        if state.interrupt.isCancelled {
            let since = cancelledSince ?? .now
            cancelledSince = since
            if .now - since > Self.farewell { launcher.kill(id) }
            return nil
        }
        if !isOpen { try checkRoom(approach) }
        guard state.interrupt.quiet > configuration.decodePatience else { return nil }
        launcher.kill(id)
        return .died(.hang(configuration.decodePatience))
    }

    /// A download may begin, or go on, only while the disk has room.
    private func checkRoom(_ approach: Approach) throws(MediaError) {
        if case .download = approach.entrance, !configuration.isRoomForDownloads() {
            throw .downloadFolderUnusable("the disk's reserve would not stay free")
        }
    }

    /// Wakes the worker if it waits.
    private static let ring: @Sendable (SourceBoard) -> Void = { board in
        board.add(1, to: .bell)
        if board.flag(.sleeps) { sl_ring(board.address(of: .bell)) }
    }
}

extension SourceProperties {
    /// What another process says, as far as anybody could mean it.
    fileprivate var believable: Self {
        var result = self
        let sides = 0...(1 << 24)
        result.size = PixelSize(
            width: min(max(size.width, sides.lowerBound), sides.upperBound),
            height: min(max(size.height, sides.lowerBound), sides.upperBound))
        result.frameRate = frameRate.flatMap { (0...1e6).contains($0) ? $0 : nil }
        result.duration = duration.flatMap { (0...1e12).contains($0) ? $0 : nil }
        result.frameCount = frameCount.flatMap { (0...Int(1e15)).contains($0) ? $0 : nil }
        result.timeToAnswer = timeToAnswer.flatMap { (.zero...(.seconds(86_400))).contains($0) ? $0 : nil }
        result.codec = String(codec.prefix(64))
        result.facts = facts?.believable
        result.transport = transport.flatMap(RTSPWay.init(rawValue:))?.rawValue
        return result
    }
}
