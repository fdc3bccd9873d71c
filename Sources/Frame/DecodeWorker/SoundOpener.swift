import Foundation
public import Media

/// What a worker is told that reads the sound of a file.
struct SoundOrder: Codable {
    /// Of the file, whose ending says something of what it holds.
    var name: String
    var configuration: MediaConfiguration
    var trap: WorkerTrap?
    static let gifts: [Order.Gift] = [.file]
}

/// How that ended.
struct SoundEnding: Codable {
    var error: MediaError?
}

/// Reads the sound of files that strangers send, each in a process of its own: that is given the open file and says what sounds.
public struct SoundOpener: Sendable {
    private let launcher: WorkerLauncher
    private let configuration: MediaConfiguration
    package var trap: WorkerTrap?

    init(_ launcher: WorkerLauncher, _ configuration: MediaConfiguration) {
        (self.launcher, self.configuration) = (launcher, configuration)
    }

    /// Blocks until the file is open.
    /// - Returns: `nil` when it has no sound.
    /// - Throws: a `SourceFailure`: `MediaError` where it cannot be read, `WorkerFailure` for what ends its reader.
    public func open(_ path: String) throws -> (any SoundSource)? {
        guard let file = FileHandle(forReadingAtPath: path) else { throw MediaError.noSuchFile }
        let name = URL(filePath: path).lastPathComponent
        guard configuration.isolation == .worker else {
            return try SoundReader(file, name: name, configuration: configuration)
        }
        defer { try? file.close() }
        let order = SoundOrder(name: name, configuration: configuration, trap: trap)
        let talk = try WorkerTalk(.sound(order), file, launcher)
        do { return try WorkerSound(talk) } catch let failure as WorkerFailure {
            FFmpegLog.relay("A sound: \(failure)")
            throw failure
        }
    }
}

/// How a packet stands in messages: this, and its bytes, of which more messages may bring more.
struct SoundPacketHead {
    static let byteCount = 40
    /// Stands for a time that there is none of; no time of a file is like it.
    private static let none = Int64.min
    var pts, dts: Int64?
    var duration: Int64
    var flags: Int32
    var size: Int

    init(_ packet: SoundPacket) {
        (pts, dts, duration) = (packet.pts, packet.dts, packet.duration)
        (flags, size) = (packet.flags, packet.bytes.count)
    }
    /// - Returns: `nil` for what is none.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count >= Self.byteCount else { return nil }
        func number(_ index: Int) -> Int64 {
            bytes.dropFirst(8 * index).prefix(8).reversed().reduce(0) { $0 << 8 | Int64($1) }
        }
        func time(_ index: Int) -> Int64? { number(index) == Self.none ? nil : number(index) }
        guard (0...Int64(SoundReader.largestPacket)).contains(number(4)) else { return nil }
        (pts, dts, duration) = (time(0), time(1), number(2))
        (flags, size) = (Int32(truncatingIfNeeded: number(3)), Int(number(4)))
    }
    var bytes: [UInt8] {
        [pts ?? Self.none, dts ?? Self.none, duration, Int64(flags), Int64(size)].flatMap { number in
            withUnsafeBytes(of: number.littleEndian, Array.init)
        }
    }
}

/// The sound of a file that a process apart reads.
private final class WorkerSound: SoundSource {
    /// For which nothing may come of it.
    private static let patience: Duration = .seconds(60)
    let track: SoundTrack
    private let talk: WorkerTalk
    private var hasEnded = false

    /// - Returns: `nil` when there is none.
    init?(_ talk: WorkerTalk) throws {
        self.talk = talk
        guard let (word, rest) = try talk.next(within: Self.patience) else { throw talk.failure() }
        switch word {
        case .opened:
            guard let track = try? JSONDecoder().decode(SoundTrack.self, from: Data(rest)) else {
                throw talk.nonsense()
            }
            self.track = track
        case .ended:
            guard let ending = try? JSONDecoder().decode(SoundEnding.self, from: Data(rest)) else {
                throw talk.nonsense()
            }
            talk.bury()
            if let error = ending.error { throw error }
            return nil
        default: throw talk.nonsense()
        }
    }

    func next() throws -> SoundPacket? {
        guard !hasEnded else { return nil }
        guard let (word, rest) = try talk.next(within: Self.patience) else { throw talk.failure() }
        switch word {
        case .packet:
            guard let head = SoundPacketHead(rest) else { throw talk.nonsense() }
            var bytes = Array(rest.dropFirst(SoundPacketHead.byteCount))
            while bytes.count < head.size {
                guard let (word, rest) = try talk.next(within: Self.patience) else { throw talk.failure() }
                guard word == .bytes else { throw talk.nonsense() }
                bytes += rest
            }
            guard bytes.count == head.size else { throw talk.nonsense() }
            return SoundPacket(
                pts: head.pts, dts: head.dts, duration: head.duration, flags: head.flags, bytes: bytes)
        case .ended:
            hasEnded = true
            talk.bury()
            return nil
        default: throw talk.nonsense()
        }
    }
}
