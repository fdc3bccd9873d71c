import Addresses
import DecodeWorker
import Foundation
import Frames
import Glibc
import ProcessSupport
import Records
import Scene
import Testing
import WorkerSupport

@testable import Media

/// RTMP, and MPEG-TS over UDP and RTP, from the command `ffmpeg`.
struct TransportTests {
    static func opener(_ change: (inout MediaConfiguration) -> Void = { _ in }) -> SourceOpener {
        var configuration = MediaConfiguration()
        configuration.network.allowsLoopback = true
        configuration.schemes = SourceScheme.allCases
        // A machine may be busy with all other tests.
        (configuration.openDeadline, configuration.readDeadline) = (.seconds(60), .seconds(60))
        change(&configuration)
        return TestWorkers.opener(configuration)
    }
    static func open(_ reference: String, _ opener: SourceOpener? = nil) async throws -> any FrameSource {
        let request = SourceSpecification(kind: .stream, reference: reference)
        return try await (opener ?? Self.opener()).open(request, rates: [.frames(1)])
    }
    static func failure(_ reference: String, _ opener: SourceOpener? = nil) async -> MediaError? {
        await #expect(throws: MediaError.self, "\(reference)") { _ = try await open(reference, opener) }
    }
    /// A film without an end at its own speed.
    static func film(_ output: String) throws -> ChildProcess {
        let words =
            "ffmpeg -v error -nostdin -re -f lavfi -i testsrc2=s=160x120:r=25 -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p \(output)"
        let nowhere = FileHandle(forWritingAtPath: "/dev/null")
        return try ChildProcess(words.split(separator: " ").map(String.init), errors: nowhere)
    }
    /// A port of the loopback interface at which nobody was a moment ago.
    static func freePort(_ type: __socket_type) -> Int {
        let descriptor = socket(AF_INET, Int32(type.rawValue), 0)
        defer { close(descriptor) }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                if bind(descriptor, $0, length) == 0 { getsockname(descriptor, $0, &length) }
            }
        }
        return Int(UInt16(bigEndian: name.sin_port))
    }
    static func expectFilm(from source: any FrameSource) async throws {
        #expect(source.properties.size == PixelSize(width: 160, height: 120))
        var times: [Date] = []
        while times.count < 20, let frame = try await source.next() { times.append(frame.time.wallClock) }
        #expect(times.count == 20 && zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        source.cancel()
    }

    @Test(arguments: ["rtmp", "rtmps"]) func aFilmComesOverRTMP(scheme: String) async throws {
        let folder = try TemporaryFolder(), port = Self.freePort(SOCK_STREAM)
        let server = try Self.film("-f flv -listen 1 rtmp://127.0.0.1:\(port)/live/camera")
        defer { server.send(signal: SIGKILL) }
        let front = scheme == "rtmps" ? try await TLSFront(to: port, in: folder) : nil
        defer { front?.stop() }
        let address = "\(scheme)://127.0.0.1:\(front?.port ?? port)/live/camera?user=admin&password=x"
        var source: (any FrameSource)?
        while source == nil, server.isRunning {
            source = try? await Self.open(address)
            if source == nil { try await Task.sleep(for: .milliseconds(100)) }
        }
        try await Self.expectFilm(from: #require(source))
    }

    @Test func whatIsNoRTMPIsAnErrorInTime() async throws {
        let silent = ScriptedServer(first: [])
        let impatient = Self.opener { $0.openDeadline = .seconds(2) }
        #expect(
            await Self.failure("rtmp://127.0.0.1:\(silent.port)/a/b", impatient)
                == .openTimedOut(after: .seconds(2)))
        let port = Self.freePort(SOCK_STREAM)
        #expect(await Self.failure("rtmp://127.0.0.1:\(port)/a/b")?.isTransient == true)
        let strict = Self.opener { $0.network.allowsLoopback = false }
        #expect(await Self.failure("rtmp://127.0.0.1:\(port)/a/b", strict) == .addressNotAllowed(.loopback))
        #expect(await Self.failure("rtmp://169.254.169.254/a/b") == .addressNotAllowed(.metadata))
        let verifying = Self.opener { $0.verifiesCertificates = true }
        #expect(
            await Self.failure("rtmps://127.0.0.1/a/b", verifying)
                == .unsupportedReference("is rtmps, whose certificates cannot be verified, as the settings demand"))
    }

    @Test(arguments: [("udp", "-f mpegts udp"), ("rtp", "-f rtp_mpegts rtp")])
    func packetsComeToAPort(scheme: String, output: String) async throws {
        let port = Self.freePort(SOCK_DGRAM)
        let sender = try Self.film("\(output)://127.0.0.1:\(port)?pkt_size=1316")
        defer { sender.send(signal: SIGKILL) }
        try await Self.expectFilm(from: Self.open("\(scheme)://127.0.0.1:\(port)"))
    }

    @Test func packetsComeToAGroupThatAnOperatorNames() async throws {
        let port = Self.freePort(SOCK_DGRAM), address = "udp://239.255.77.1:\(port)"
        #expect(await Self.failure(address) == .addressNotAllowed(.multicast))
        let named = Self.opener { $0.network.allowed = [NetworkRange("239.255.77.0/24")!] }
        let sender = try Self.film("-f mpegts \(address)?pkt_size=1316&localaddr=127.0.0.1&ttl=0")
        defer { sender.send(signal: SIGKILL) }
        try await Self.expectFilm(from: Self.open("\(address)?interface=lo", named))
        #expect(await Self.failure("\(address)?interface=no-such", named)?.isTransient == true)
    }

    @Test func whereNothingComesIsAnErrorInTime() async throws {
        let port = Self.freePort(SOCK_DGRAM), impatient = Self.opener { $0.openDeadline = .milliseconds(300) }
        #expect(
            await Self.failure("udp://127.0.0.1:\(port)", impatient) == .openTimedOut(after: .milliseconds(300)))
    }

    @Test func onlyWhatAnOperatorWantsIsOpened() async throws {
        let usual = Self.opener { $0.schemes = MediaConfiguration().schemes }
        for scheme in ["udp", "rtp"] {
            #expect(
                await Self.failure("\(scheme)://127.0.0.1:1", usual)
                    == .unsupportedReference(
                        "begins with \(scheme), which the setting media.schemes does not allow; wanted "
                            + "a file or an address that begins with http, https, rtsp, rtsps, rtmp, rtmps, srt"))
        }
        let rtspAlone = Self.opener { $0.schemes = [.rtsp] }
        for reference in ["http://127.0.0.1:1/x", "file:///etc/hostname", "/etc/hostname", "hostname"] {
            guard case .unsupportedReference(let reason) = await Self.failure(reference, rtspAlone) else { continue }
            #expect(reason.contains("the setting media.schemes does not allow"))
            #expect(reason.hasSuffix("; wanted an address that begins with rtsp"))
        }
        #expect(
            await Self.failure("udp://127.0.0.1:70000") == .unsupportedReference("names no port between 1 and 65535"))
        #expect(
            await Self.failure("udp://127.0.0.1:1?fifo_size=1")
                == .unsupportedReference("has the parameter 'fifo_size', where interface alone may stand"))
        let file = SourceSpecification(kind: .file, reference: "udp://127.0.0.1:9999")
        await #expect(throws: MediaError.unsupportedReference("is udp, which has no end, so it is no videofile")) {
            _ = try await Self.opener().open(file, rates: [.frames(1)])
        }
    }

    @Test func ofRTPPacketsThePayloadIsTakenInOrder() {
        var descriptors: [Int32] = [0, 0]
        pipe(&descriptors)
        defer { for descriptor in descriptors { close(descriptor) } }
        let input = DatagramInput(descriptors[0], .rtp, interrupt: Interrupt())
        func packet(_ first: UInt8, _ number: UInt16, _ rest: [UInt8], sender: UInt8 = 1) -> [UInt8] {
            [first, 33, UInt8(number >> 8), UInt8(number & 0xff), 0, 0, 0, 0, 0, 0, 0, sender] + rest
        }
        func take(_ bytes: [UInt8]) -> [UInt8]? {
            bytes.withUnsafeBytes { input.payload(of: $0) }.map { Array(bytes[$0]) }
        }
        #expect(take(packet(0x80, 65534, [1, 2])) == [1, 2])
        // Two contributors, an extension of one word, two bytes of padding.
        #expect(
            take(packet(0xb2, 65535, [UInt8](repeating: 9, count: 8) + [0, 0, 0, 1, 7, 7, 7, 7, 3, 4, 0, 2])) == [3, 4])
        #expect(take(packet(0x80, 65535, [5])) == nil && take(packet(0x80, 65534, [5])) == nil)
        #expect(take(packet(0x80, 1, [6])) == [6] && take(packet(0x80, 0, [7])) == nil)
        // Another sender, and one who begins anew.
        #expect(take(packet(0x80, 0, [8], sender: 2)) == [8] && take(packet(0x80, 40000, [9], sender: 2)) == [9])
        for broken: [UInt8] in [
            [], [UInt8](repeating: 0x80, count: 11), packet(0x40, 40001, [1]), packet(0x8f, 40002, [1]),
            packet(0x90, 40003, [0, 0, 0xff, 0xff, 1]), packet(0xa0, 40004, [9]), packet(0x80, 40005, []),
        ] { #expect(take(broken) == nil, "\(broken)") }
        #expect(input.packetsLost == 1)
    }
}
