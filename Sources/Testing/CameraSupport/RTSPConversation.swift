import Foundation
import Glibc
import Synchronization

/// One connection of a camera: requests are answered on the calling thread, pictures leave from another. Within HTTP it is two: answers
/// and packets go out by that of a GET, requests come in by that of a POST, in base64.
final class RTSPConversation: Sendable {
    private static let ticksPerSecond = 90_000.0
    private static let firstTimestamp: UInt32 = 4_000_000_000

    private typealias Carrier = @Sendable (_ packet: [UInt8], _ channel: UInt8) -> Bool

    private let connection: Int32
    private let output: Atomic<Int32>
    private let isEncoded = Atomic(false)
    private let script: RTSPCamera.Script
    private weak let camera: RTSPCamera?
    /// Held while something is sent, so that packets and answers do not mix.
    private let sending = Mutex(())
    private let isOver = Atomic(false)

    init(_ connection: Int32, _ script: RTSPCamera.Script, camera: RTSPCamera?) {
        (self.connection, self.script, self.camera) = (connection, script, camera)
        output = Atomic(connection)
    }

    func run() {
        let player = DispatchGroup()
        let interleaved: Carrier = { [self] in send($0, channel: $1) }
        var carrier: Carrier? = interleaved
        defer {
            let output = output.load(ordering: .relaxed)
            if output != connection { close(output) }
        }
        while let request = readHead() {
            camera?.note(request: request)
            let method = request.prefix { $0 != " " }
            if ["GET", "POST"].contains(method) {
                guard tunnel(request) else { break }
                continue
            }
            var sender: DatagramSender?
            if method == "SETUP" {
                sender = script.sendsOverUDP ? DatagramSender(request, script) : nil
                // Whoever asked for UDP where there is none is sent nothing.
                carrier = request.contains("interleaved") ? interleaved : sender.map { $0.send }
            }
            if let answer = script.answer(request) {
                send(Array(answer.utf8))
            } else {
                send(Array(answer(to: String(method), request, sender).utf8))
            }
            if method == "PLAY", let carrier, let film = script.film {
                player.enter()
                Thread.detachNewThread { [self] in
                    play(film, carrier)
                    player.leave()
                }
            }
            if method == "TEARDOWN" { break }
        }
        isOver.store(true, ordering: .releasing)
        player.wait()
    }

    /// What comes by this connection, or leaves by it, from now on.
    /// - Returns: false for a POST to whose cookie there was no GET.
    private func tunnel(_ request: String) -> Bool {
        let line = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("x-sessioncookie:") } ?? ""
        if request.hasPrefix("GET") {
            camera?.beginTunnel(String(line), connection)
            return send(Array("HTTP/1.0 200 OK\r\nContent-Type: application/x-rtsp-tunnelled\r\n\r\n".utf8))
        }
        guard let answers = camera?.tunnel(String(line)) else { return false }
        output.store(answers, ordering: .relaxed)
        isEncoded.store(true, ordering: .relaxed)
        return true
    }

    private func answer(to method: String, _ request: String, _ sender: DatagramSender?) -> String {
        let lines = request.split(separator: "\r\n")
        let sequence = lines.first { $0.hasPrefix("CSeq:") } ?? "CSeq: 1"
        let address = request.split(separator: " ").dropFirst().first ?? ""
        var head = "RTSP/1.0 200 OK\r\n\(sequence)\r\n", body = ""
        switch method {
        case "OPTIONS": head += "Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN\r\n"
        case "DESCRIBE":
            body = script.description ?? script.film?.description ?? ""
            head += "Content-Base: \(address)/\r\nContent-Type: application/sdp\r\n"
        case "SETUP" where request.contains("interleaved") && !script.sendsInterleaved:
            return "RTSP/1.0 461 Unsupported Transport\r\n\(sequence)\r\n\r\n"
        case "SETUP":
            let transport = lines.first { $0.hasPrefix("Transport:") } ?? "Transport: RTP/AVP/TCP;interleaved=0-1"
            head +=
                "\(transport)\(sender.map { ";server_port=\($0.port)-\($0.port)" } ?? "")\r\nSession: 1;timeout=60\r\n"
        default: head += "Session: 1\r\n"
        }
        return head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
    }

    private func play(_ film: H264Film, _ carry: Carrier) {
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
                _ = carry(packetizer.report(timestamp: timestamp &- age, time: report.time), 1)
            }
            let picture = film.pictures[index % film.pictures.count]
            for packet in packetizer.packets(of: picture, timestamp: timestamp) {
                guard carry(packet, 0) else { return }
            }
            camera?.notePacket()
        }
    }

    /// The next request, without what else comes in between: reports of the receiver, which begin with a dollar.
    private func readHead() -> String? {
        var head: [UInt8] = []
        var bytes: [UInt8] = []
        while head.count < 65_536 {
            if bytes.isEmpty { bytes = isEncoded.load(ordering: .relaxed) ? decodedGroup() : read(1) ?? [] }
            guard !bytes.isEmpty else { return nil }
            let byte = bytes.removeFirst()
            if head.isEmpty, byte == UInt8(ascii: "$") {
                guard let rest = read(3), read(Int(rest[1]) << 8 | Int(rest[2])) != nil else { return nil }
                continue
            }
            head.append(byte)
            if head.suffix(4).elementsEqual("\r\n\r\n".utf8) { return String(decoding: head, as: UTF8.self) }
        }
        return nil
    }
    /// Up to three bytes. An answer is waited for after each request, which is encoded by itself.
    private func decodedGroup() -> [UInt8] { read(4).flatMap { Data(base64Encoded: Data($0)) }.map(Array.init) ?? [] }
    private func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return count == 0 || recv(connection, &bytes, count, Int32(MSG_WAITALL)) == count ? bytes : nil
    }

    private func send(_ packet: [UInt8], channel: UInt8) -> Bool {
        send([UInt8(ascii: "$"), channel, UInt8(packet.count >> 8), UInt8(packet.count & 255)] + packet)
    }
    @discardableResult
    private func send(_ bytes: [UInt8]) -> Bool {
        let connection = output.load(ordering: .relaxed)
        return sending.withLock { _ in
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
