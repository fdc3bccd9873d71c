import Foundation
import Glibc
import Synchronization

/// One connection of a camera: requests are answered on the calling thread, pictures leave from another.
final class RTSPConversation: Sendable {
    private static let ticksPerSecond = 90_000.0
    private static let firstTimestamp: UInt32 = 4_000_000_000

    private let connection: Int32
    private let script: RTSPCamera.Script
    private weak let camera: RTSPCamera?
    /// Held while something is sent, so that packets and answers do not mix.
    private let sending = Mutex(())
    private let isOver = Atomic(false)

    init(_ connection: Int32, _ script: RTSPCamera.Script, camera: RTSPCamera?) {
        (self.connection, self.script, self.camera) = (connection, script, camera)
    }

    func run() {
        let player = DispatchGroup()
        var isInterleaved = true
        while let request = readHead() {
            camera?.note(request: request)
            let method = request.prefix { $0 != " " }
            if let answer = script.answer(request) {
                send(Array(answer.utf8))
            } else {
                send(Array(answer(to: String(method), request).utf8))
            }
            // Whoever asked for UDP is sent nothing.
            if method == "SETUP" { isInterleaved = request.contains("interleaved") }
            if method == "PLAY", isInterleaved, let film = script.film {
                player.enter()
                Thread.detachNewThread { [self] in
                    play(film)
                    player.leave()
                }
            }
            if method == "TEARDOWN" { break }
        }
        isOver.store(true, ordering: .releasing)
        player.wait()
    }

    private func answer(to method: String, _ request: String) -> String {
        let lines = request.split(separator: "\r\n")
        let sequence = lines.first { $0.hasPrefix("CSeq:") } ?? "CSeq: 1"
        let address = request.split(separator: " ").dropFirst().first ?? ""
        var head = "RTSP/1.0 200 OK\r\n\(sequence)\r\n", body = ""
        switch method {
        case "OPTIONS": head += "Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN\r\n"
        case "DESCRIBE":
            body = script.description ?? script.film?.description ?? ""
            head += "Content-Base: \(address)/\r\nContent-Type: application/sdp\r\n"
        case "SETUP":
            let transport = lines.first { $0.hasPrefix("Transport:") } ?? "Transport: RTP/AVP/TCP;interleaved=0-1"
            head += "\(transport)\r\nSession: 1;timeout=60\r\n"
        default: head += "Session: 1\r\n"
        }
        return head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
    }

    private func play(_ film: H264Film) {
        var packetizer = Packetizer(firstSequence: 65_500)
        let interval = 1 / script.framesPerSecond
        let begin = Date()
        for index in 0... {
            if let silentAfter = script.silentAfter, index >= silentAfter { return }
            while !isOver.load(ordering: .acquiring), Date() < begin + Double(index) * interval { usleep(1000) }
            guard !isOver.load(ordering: .acquiring) else { return }
            let ticks = UInt32(truncatingIfNeeded: Int64(Double(index) * interval * Self.ticksPerSecond))
            let timestamp = Self.firstTimestamp &+ ticks
            var reports = script.reports.filter { $0.picture == index }
            if let first = camera?.takeReport() {
                reports.append(.init(before: index, first + Double(index) * interval))
            }
            for report in reports {
                let age = UInt32(report.age * Self.ticksPerSecond)
                _ = send(packetizer.report(timestamp: timestamp &- age, time: report.time), channel: 1)
            }
            let picture = film.pictures[index % film.pictures.count]
            for packet in packetizer.packets(of: picture, timestamp: timestamp) {
                guard send(packet, channel: 0) else { return }
            }
            camera?.notePacket()
        }
    }

    /// The next request, without what else comes in between: reports of the receiver, which begin with a dollar.
    private func readHead() -> String? {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while head.count < 65_536, recv(connection, &byte, 1, 0) == 1 {
            if head.isEmpty, byte == UInt8(ascii: "$") {
                guard let rest = read(3), read(Int(rest[1]) << 8 | Int(rest[2])) != nil else { return nil }
                continue
            }
            head.append(byte)
            if head.suffix(4).elementsEqual("\r\n\r\n".utf8) { return String(decoding: head, as: UTF8.self) }
        }
        return nil
    }
    private func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return count == 0 || recv(connection, &bytes, count, Int32(MSG_WAITALL)) == count ? bytes : nil
    }

    private func send(_ packet: [UInt8], channel: UInt8) -> Bool {
        send([UInt8(ascii: "$"), channel, UInt8(packet.count >> 8), UInt8(packet.count & 255)] + packet)
    }
    @discardableResult
    private func send(_ bytes: [UInt8]) -> Bool {
        sending.withLock { _ in
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes {
                    Glibc.send(connection, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }
    }
}

extension H264Film {
    /// What a camera says of itself. Source: RFC 4566, RFC 6184 §8.
    var description: String {
        let sets = [sequenceParameters, pictureParameters].map { Data($0).base64EncodedString() }
        return """
            v=0\r
            o=- 0 0 IN IP4 127.0.0.1\r
            s=camera\r
            t=0 0\r
            m=video 0 RTP/AVP 96\r
            c=IN IP4 0.0.0.0\r
            a=rtpmap:96 H264/90000\r
            a=fmtp:96 packetization-mode=1;sprop-parameter-sets=\(sets.joined(separator: ","))\r
            a=control:track1\r

            """
    }
}
