import Archives
import CSandbox
import Foundation
import Frames
import Glibc
import Media
import Scene

/// The process that demuxes and decodes one source. What strangers sent is read here, and nowhere else.
enum WorkerProcess {
    /// What all workers would otherwise do each for itself. Called before they are made.
    static func prepare() {
        DecoderTables.warm()
        ArchiveReader.prepare()
        _ = try? JSONDecoder().decode(Ending.self, from: JSONEncoder().encode(Ending(error: nil, whileOpening: true)))
    }

    /// Does what the first message on `channel` says, and ends the process.
    static func run(_ channel: Int32, launcher: pid_t) -> Never {
        sl_die_with_parent()
        guard getppid() == launcher else { _exit(0) }
        // The daemon's log is not for it to write; standard output is /dev/null.
        guard dup2(STDOUT_FILENO, STDERR_FILENO) >= 0 else { _exit(75) }
        guard let (work, gifts) = receiveWork(channel) else { _exit(0) }
        let speaker = Speaker(channel)
        FFmpegLog.install { speaker.say(.line, Data($0.utf8.prefix(MessageLimit.line))) }
        switch work {
        case .source(let order): read(order, gifts, speaker)
        case .still(let order): decode(order, gifts, speaker)
        case .archive(let order): unpack(order, gifts, speaker)
        case .sound(let order): listen(order, gifts, speaker)
        }
        _exit(0)
    }

    private static func read(_ order: Order, _ gifts: [Order.Gift: Int32], _ speaker: Speaker) {
        guard let board = map(gifts[.board], SourceBoard.byteCount, isWritable: true),
            let pictures = map(gifts[.pictures], order.pictureBytes, isWritable: true)
        else { _exit(73) }
        enter(
            Sandbox(
                memory: order.configuration.largestBlock + Sandbox.spareMemory,
                fileSize: order.isDownload ? order.configuration.maximumDownload : 0,
                network: order.entrance.network,
                gifts: sl_gifts(
                    connection: gifts[.connection] ?? -1, broker: gifts[.broker] ?? -1,
                    certificates: gifts[.certificates] ?? -1)))
        order.trap?.spring(at: -1, lane: order.lane, speaker)
        SourceWork(
            order.request, rates: order.rates, configuration: order.configuration, entrance: order.entrance,
            file: gifts[.file], skipped: order.skipped, board: SourceBoard(board.baseAddress!) {}, lane: order.lane,
            memory: pictures, carrier: speaker
        ) { index in order.trap?.spring(at: index, lane: order.lane, speaker) }.run()
    }

    private static func decode(_ order: StillOrder, _ gifts: [Order.Gift: Int32], _ speaker: Speaker) {
        guard let picture = map(gifts[.file], order.byteCount, isWritable: false),
            let output = map(gifts[.pictures], order.room, isWritable: true)
        else { _exit(73) }
        var configuration = MediaConfiguration()
        configuration.maximumPixels = order.maximumPixels
        enter(
            Sandbox(
                memory: configuration.largestBlock + Sandbox.spareMemory, fileSize: 0, network: .none,
                gifts: sl_gifts(connection: -1, broker: -1, certificates: -1)))
        order.trap?.spring(at: -1, lane: 0, speaker)
        var ending = StillEnding()
        do throws(MediaError) {
            if let wishes = order.wishes {
                ending.sheet = try StillWork.paint([UInt8](picture), wishes, into: output)
            } else {
                let image = try StillWork.decode([UInt8](picture), maximumPixels: order.maximumPixels)
                (ending.size, ending.contentType, ending.jpeg) = (image.size, image.contentType, image.converted?.count)
                if let jpeg = image.converted {
                    guard jpeg.count <= output.count else { throw .cannotEncode("it is too large") }
                    output.copyBytes(from: jpeg)
                }
            }
        } catch {
            ending.error = error
        }
        if let data = try? JSONEncoder().encode(ending) { speaker.say(.ended, data) }
    }

    private static func unpack(_ order: ArchiveOrder, _ gifts: [Order.Gift: Int32], _ speaker: Speaker) {
        guard let file = gifts[.file] else { _exit(73) }
        enter(
            Sandbox(
                memory: Sandbox.spareMemory, fileSize: 0, network: .none,
                gifts: sl_gifts(connection: -1, broker: -1, certificates: -1)))
        order.trap?.spring(at: -1, lane: 0, speaker)
        var ending = ArchiveEnding()
        do throws(ArchiveError) {
            let reader = try ArchiveReader(file, order.form, limits: order.limits)
            while let piece = try reader.next() { speaker.say(piece) }
        } catch {
            ending.error = error
        }
        if let data = try? JSONEncoder().encode(ending) { speaker.say(.ended, data) }
    }

    private static func listen(_ order: SoundOrder, _ gifts: [Order.Gift: Int32], _ speaker: Speaker) {
        guard let file = gifts[.file] else { _exit(73) }
        enter(
            Sandbox(
                memory: order.configuration.largestBlock + Sandbox.spareMemory, fileSize: 0, network: .none,
                gifts: sl_gifts(connection: -1, broker: -1, certificates: -1)))
        order.trap?.spring(at: -1, lane: 0, speaker)
        var ending = SoundEnding()
        do throws(MediaError) {
            let reader = try SoundReader(
                FileHandle(fileDescriptor: file), name: order.name, configuration: order.configuration)
            if let reader, let track = try? JSONEncoder().encode(reader.track) {
                speaker.say(.opened, track)
                while let packet = reader.next() { speaker.say(packet) }
            }
        } catch {
            ending.error = error
        }
        if let data = try? JSONEncoder().encode(ending) { speaker.say(.ended, data) }
    }

    private static func map(_ gift: Int32?, _ count: Int, isWritable: Bool) -> UnsafeMutableRawBufferPointer? {
        guard let gift, let memory = SharedMemory.map(gift, count, isWritable: isWritable) else { return nil }
        close(gift)
        return memory
    }
    private static func enter(_ sandbox: Sandbox) {
        do { try sandbox.enter() } catch { _exit(74) }
    }

    private static func receiveWork(_ channel: Int32) -> (Work, [Order.Gift: Int32])? {
        var bytes = [UInt8](repeating: 0, count: MessageLimit.order)
        var descriptors = [Int32](repeating: -1, count: 8), count = Int32(descriptors.count)
        let size = sl_receive(channel, &bytes, bytes.count, &descriptors, &count, -1)
        guard size > 0, let work = try? JSONDecoder().decode(Work.self, from: Data(bytes[..<size])),
            work.gifts.count == Int(count)
        else { return nil }
        return (work, Dictionary(zip(work.gifts, descriptors)) { first, _ in first })
    }
}

extension Order {
    fileprivate var isDownload: Bool { if case .download = entrance { true } else { false } }
}
extension Entrance {
    fileprivate var network: Sandbox.Network {
        switch self {
        case .file, .device, .datagrams, .handedPackets: .none
        case .rtsp(_, let ways) where ways.contains(where: \.isOverUDP): .givenConnectionsAndPackets
        case .http, .download, .rtsp, .rtmp: .givenConnections
        }
    }
}

/// Tells the daemon what becomes of the source.
private final class Speaker: PictureCarrier, Sendable {
    private let channel: Int32
    init(_ channel: Int32) { self.channel = channel }

    func say(_ word: Word, _ data: Data) {
        let bytes = [word.rawValue] + data
        _ = sl_send(channel, bytes, bytes.count, nil, 0)
    }
    func say(_ piece: ArchivePiece) {
        switch piece {
        case .file(let file): if let data = try? JSONEncoder().encode(file) { say(.file, data) }
        case .bytes(let bytes): say(.bytes, Data(bytes))
        case .damage(let reason): say(.damage, Data(reason.utf8))
        }
    }
    func say(_ packet: SoundPacket) { say(.packet, SoundPacketHead(packet).bytes + packet.bytes) }
    /// In as many messages as it takes.
    private func say(_ word: Word, _ bytes: [UInt8]) {
        let most = MessageLimit.word - 1
        for start in stride(from: 0, to: bytes.count, by: most) {
            say(start == 0 ? word : .bytes, Data(bytes[start..<min(start + most, bytes.count)]))
        }
    }
    func carry(_ piece: VideoPiece) {
        switch piece {
        // A head that is no message is none that anybody needs.
        case .head(let head):
            let bytes = VideoWords.bytes(head)
            if bytes.count < MessageLimit.word { say(.videoHead, Data(bytes)) }
        case .fragment(let fragment): say(.fragment, VideoWords.bytes(fragment))
        }
    }
    func opened(_ properties: SourceProperties) {
        if let data = try? JSONEncoder().encode(properties) { say(.opened, data) }
    }
    func carry(_ note: PictureNote) -> Bool {
        note.withBytes { note in
            withUnsafeTemporaryAllocation(byteCount: note.count + 1, alignment: 8) { message in
                message[0] = Word.picture.rawValue
                UnsafeMutableRawBufferPointer(rebasing: message[1...]).copyMemory(from: note)
                return sl_send(channel, message.baseAddress, message.count, nil, 0) == 0
            }
        }
    }
    func wait(for board: SourceBoard, seen: Int64) {
        board.setFlag(.sleeps, true)
        let longest: Int32 = 100  // ms, after which cancelling is seen
        sl_wait(board.address(of: .bell), UInt32(truncatingIfNeeded: seen), longest)
        board.setFlag(.sleeps, false)
    }
    func finish(_ error: MediaError?, whileOpening: Bool) {
        if let data = try? JSONEncoder().encode(Ending(error: error, whileOpening: whileOpening)) { say(.ended, data) }
    }
}

extension WorkerTrap {
    fileprivate func spring(at index: Int, lane: Int, _ speaker: Speaker) {
        guard index == frame, lane < times else { return }
        switch deed {
        case .crash: kill(getpid(), SIGSEGV)
        case .breakPromise: preconditionFailure("a test wants this")
        case .takeMemory:
            while let block = malloc(64 << 20) { memset(block, 1, 64 << 20) }
            abort()
        case .shareMemory:
            if mmap(nil, 64 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED { abort() }
        case .hang: while true { usleep(100_000) }
        case .execute: execute()
        case .openFile: if open("/etc/passwd", O_RDONLY) < 0 { abort() }
        case .signal: if fcntl(STDERR_FILENO, F_SETOWN, getppid()) < 0 { abort() }
        case .connect: if socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) < 0 { abort() }
        case .exaggerate:
            speaker.say(.ended, Data(Self.exaggeration.utf8))
            _exit(0)
        case .passUnasked:
            speaker.carry(.head(VideoHead(codec: "avc1.64001f", bytes: [1], origin: .zero)))
            speaker.carry(.fragment(VideoFragment(bytes: [2], isKeyframe: true, time: .zero)))
        case .passTooMuch:
            speaker.say(.fragment, Data(VideoWords.bytes(Int64(VideoFragment.largest) * 2, 0, 1) + [0]))
        case .chatter: while true { speaker.say(.line, Data("a test wants this".utf8)) }
        }
    }
    /// How a source or a picture ended: by more seconds than can be counted.
    private static let exaggeration =
        #"{"error":{"stalled":{"after":[9223372036854775807,0]}},"whileOpening":false,"contentType":""}"#
    private func execute() {
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
        execv("/bin/true", &arguments)
    }
}
