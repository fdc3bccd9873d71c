import CFFmpeg
import Foundation
import Synchronization

/// What an SRT peer sends, packet by packet, for whoever reads a source: libsrt starts threads and opens sockets, which a worker may
/// not. It decodes nothing of what the packets carry.
///
/// A thread of its own, and those of libsrt, which end with `stop()`.
final class SRTFeed: Sendable {
    /// Where the packets come out, each by itself, until nothing follows. The caller's to close.
    let output: Int32
    private let input: Int32
    private let isStopped = Atomic(false)
    private let failure = Mutex<MediaError?>(nil)
    /// How often it is asked whether to go on.
    private static let look: Int32 = 100  // ms
    /// Bytes, of which a packet of SRT has fewer.
    private static let longestPacket = 1500

    /// - Parameters:
    ///   - address: of a host that was checked, as a number, without options.
    ///   - patience: as long as others wait for the first packet.
    /// - Throws: `cannotOpen` when the system gives no socket.
    init(_ address: String, _ options: SRTOptions, patience: Duration) throws(MediaError) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw .cannotOpen(FFmpegStatus(rawValue: -errno))
        }
        (output, input) = (ends[0], ends[1])
        _ = Self.isQuiet
        var options = options.options
        options["protocol_whitelist"] = "srt"
        // Whoever waits for the first packet gives up earlier, and knows why.
        options["connect_timeout"] = "\(Int(((patience + .seconds(5)) / .milliseconds(1)).rounded()))"
        let thread = Thread { [self, options] in carry(from: address, options) }
        thread.name = "srt"
        thread.stackSize = 512 << 10
        thread.start()
    }

    /// Why there is nothing to read, if that is known.
    var refusal: MediaError? { failure.withLock { $0 } }

    func stop() { isStopped.store(true, ordering: .relaxed) }

    private func carry(from address: String, _ options: [String: String]) {
        defer { close(input) }
        var source: UnsafeMutablePointer<AVIOContext>?
        var callback = AVIOInterruptCB(
            callback: { Unmanaged<SRTFeed>.fromOpaque($0!).takeUnretainedValue().shouldStop ? 1 : 0 },
            opaque: Unmanaged.passUnretained(self).toOpaque())
        var options = FFmpegOptions(options)
        let status = options.withPointer { avio_open2(&source, address, AVIO_FLAG_READ, &callback, $0) }
        guard status >= 0 else {
            // What libsrt says of a peer that does not let us in, whatever its reason.
            let isRefused = status == -EIO
            failure.withLock { $0 = isRefused ? .refusedByPeer : .cannotOpen(FFmpegStatus(rawValue: status)) }
            return
        }
        defer { avio_closep(&source) }
        var packet = [UInt8](repeating: 0, count: Self.longestPacket)
        while !shouldStop {
            let count = avio_read_partial(source, &packet, Int32(packet.count))
            guard count > 0, hand(over: packet[..<Int(count)]) else { return }
        }
    }

    private var shouldStop: Bool { isStopped.load(ordering: .relaxed) }

    /// - Returns: false when nobody wants more.
    private func hand(over packet: ArraySlice<UInt8>) -> Bool {
        while !shouldStop {
            let sent = packet.withUnsafeBytes {
                send(input, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            if sent == packet.count { return true }
            guard errno == EAGAIN || errno == EINTR else { return false }
            // What comes meanwhile waits in libsrt, until it is too late to be of use.
            var event = pollfd(fd: input, events: Int16(POLLOUT), revents: 0)
            poll(&event, 1, Self.look)
        }
        return false
    }

    /// By itself libsrt writes what peers do wrong to standard error, without end. FFmpeg links it, and leaves that as it is.
    private static let isQuiet: Bool = {
        guard let symbol = dlsym(nil, "srt_setloglevel") else { return false }
        let fatalOnly: Int32 = 2
        unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Void).self)(fatalOnly)
        return true
    }()
}
