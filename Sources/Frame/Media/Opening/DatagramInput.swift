import CFFmpeg
import Foundation

/// MPEG-TS as FFmpeg reads it from packets that come to a socket, bare or within RTP (RFC 3550, RFC 2250), or that are handed over.
/// Belongs to one thread.
///
/// RTP packets that come twice, or after a later one, are left out; FFmpeg sees by the counters of MPEG-TS what is missing.
final class DatagramInput {
    private let descriptor: Int32
    /// Packets that are handed over have an end.
    enum Form { case bare, rtp, handed }
    private let form: Form
    private let interrupt: Interrupt
    private(set) var context: UnsafeMutablePointer<AVIOContext>!
    /// Of the latest packet within RTP.
    private var sequence: UInt16?
    /// Within RTP: those of which the numbers after them tell. One that comes late is among them.
    private(set) var packetsLost = 0
    private var source: UInt32?
    private static let bufferSize = 64 << 10
    /// How often it is asked whether to go on.
    private static let look: Int32 = 100  // ms
    /// A packet so many numbers before the latest is late; one further back begins a count anew.
    private static let longestDelay: Int16 = 512

    /// - Parameter descriptor: stays the caller's, and open while this value lives.
    init(_ descriptor: Int32, _ form: Form, interrupt: Interrupt) {
        (self.descriptor, self.form, self.interrupt) = (descriptor, form, interrupt)
        let buffer = av_malloc(Self.bufferSize)?.assumingMemoryBound(to: UInt8.self)
        context = avio_alloc_context(
            buffer, Int32(Self.bufferSize), 0, Unmanaged.passUnretained(self).toOpaque(),
            { Unmanaged<DatagramInput>.fromOpaque($0!).takeUnretainedValue().read($1!, Int($2)) }, nil, nil)
        guard context != nil else { fatalError("avio_alloc_context: out of memory") }
        context.pointee.seekable = 0
        // What is asked for is one packet, and none is larger.
        context.pointee.max_packet_size = Int32(Self.bufferSize)
    }
    deinit {
        av_freep(&context.pointee.buffer)
        avio_context_free(&context)
    }

    private func read(_ bytes: UnsafeMutablePointer<UInt8>, _ room: Int) -> Int32 {
        while !interrupt.shouldStop {
            var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&event, 1, Self.look) > 0 else { continue }
            let count = recv(descriptor, bytes, room, Int32(MSG_DONTWAIT))
            if count == 0, form == .handed { return sl_error_end_of_file }
            guard count > 0 else { continue }
            let packet = UnsafeMutableBufferPointer(start: bytes, count: count)
            guard form == .rtp else { return Int32(count) }
            guard let payload = payload(of: UnsafeRawBufferPointer(packet)), !payload.isEmpty else { continue }
            memmove(bytes, bytes + payload.lowerBound, payload.count)
            return Int32(payload.count)
        }
        return sl_error_exit
    }

    /// Where the payload of an RTP packet lies that is to be taken.
    func payload(of packet: UnsafeRawBufferPointer) -> Range<Int>? {
        func word(_ place: Int) -> UInt16 { UInt16(packet[place]) << 8 | UInt16(packet[place + 1]) }
        guard packet.count >= 12, packet[0] >> 6 == 2 else { return nil }
        var start = 12 + 4 * Int(packet[0] & 0x0f), end = packet.count
        if packet[0] & 0x10 != 0 {
            guard start + 4 <= end else { return nil }
            start += 4 + 4 * Int(word(start + 2))
        }
        if packet[0] & 0x20 != 0 { end -= Int(packet[end - 1]) }
        guard start < end else { return nil }
        let number = word(2), sender = UInt32(word(8)) << 16 | UInt32(word(10))
        if let sequence, source == sender {
            let step = Int16(bitPattern: number &- sequence)
            guard step > 0 || step < -Self.longestDelay else { return nil }
            packetsLost += max(0, Int(step) - 1)
        }
        (sequence, source) = (number, sender)
        return start..<end
    }
}
