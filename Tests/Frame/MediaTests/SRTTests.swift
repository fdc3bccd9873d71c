import Addresses
import DecodeWorker
import Foundation
import Frames
import Glibc
import ProcessSupport
import Testing

@testable import Media

/// SRT with the command `ffmpeg` as the other side.
struct SRTTests {
    private static func port() -> Int { TransportTests.freePort(SOCK_DGRAM) }
    /// A sender that waits for us.
    private static func listener(_ port: Int, _ options: String = "") throws -> ChildProcess {
        try TransportTests.film("-f mpegts srt://127.0.0.1:\(port)?mode=listener&pkt_size=1316\(options)")
    }

    @Test(arguments: [
        ("", ""), ("&passphrase=correct-horse", "?passphrase=correct-horse&pbkeylen=16&latency=60"),
        ("", "?mode=caller&streamid=%23!::r=camera,m=request"),
    ])
    func aFilmComesFromAPeer(itsOptions: String, ours: String) async throws {
        let port = Self.port(), sender = try Self.listener(port, itsOptions)
        defer { sender.send(signal: SIGKILL) }
        try await TransportTests.expectFilm(from: TransportTests.open("srt://127.0.0.1:\(port)\(ours)"))
    }

    @Test(arguments: ["", "?passphrase=another-horse"])
    func whoHasNotThePassphraseIsRefused(options: String) async throws {
        let port = Self.port(), sender = try Self.listener(port, "&passphrase=correct-horse")
        defer { sender.send(signal: SIGKILL) }
        let error = await TransportTests.failure("srt://127.0.0.1:\(port)\(options)")
        #expect(error == .refusedByPeer && error?.isTransient == true)
    }

    @Test func aPeerComesToUsWhereThatIsAllowed() async throws {
        let port = Self.port(), address = "srt://127.0.0.1:\(port)?mode=listener&passphrase=correct-horse"
        #expect(
            await TransportTests.failure(address)
                == .unsupportedReference("waits for its peer, which the setting media.srt_listener does not allow"))
        let sender = try TransportTests.film(
            "-f mpegts srt://127.0.0.1:\(port)?connect_timeout=60000&pkt_size=1316&passphrase=correct-horse")
        defer { sender.send(signal: SIGKILL) }
        let allowing = TransportTests.opener { $0.allowsSRTListeners = true }
        try await TransportTests.expectFilm(from: TransportTests.open(address, allowing))
    }

    @Test func aPeerThatEndsIsTold() async throws {
        let port = Self.port(), sender = try Self.listener(port)
        defer { sender.send(signal: SIGKILL) }
        let source = try await TransportTests.open("srt://127.0.0.1:\(port)")
        #expect(try await source.next() != nil)
        sender.send(signal: SIGTERM)
        await #expect(throws: MediaError.closedByServer) { while try await source.next() != nil {} }
    }

    @Test func aPeerThatFallsSilentIsTold() async throws {
        let port = Self.port(), sender = try Self.listener(port)
        defer { sender.send(signal: SIGKILL) }
        // Sooner than SRT itself gives up.
        let source = try await TransportTests.open(
            "srt://127.0.0.1:\(port)", TransportTests.opener { $0.readDeadline = .seconds(2) })
        #expect(try await source.next() != nil)
        sender.send(signal: SIGSTOP)
        await #expect(throws: MediaError.stalled(after: .seconds(2))) { while try await source.next() != nil {} }
    }

    @Test(arguments: ["", "?mode=listener"])
    func whereNobodyIsIsAnErrorInTime(options: String) async throws {
        let impatient = TransportTests.opener {
            ($0.openDeadline, $0.allowsSRTListeners) = (.milliseconds(300), true)
        }
        #expect(
            await TransportTests.failure("srt://127.0.0.1:\(Self.port())\(options)", impatient)
                == .openTimedOut(after: .milliseconds(300)))
    }

    @Test(arguments: ["", "?mode=listener"])
    func onlyAllowedHostsAreMet(options: String) async throws {
        let strict = TransportTests.opener { ($0.network.allowsLoopback, $0.allowsSRTListeners) = (false, true) }
        #expect(
            await TransportTests.failure("srt://127.0.0.1:9\(options)", strict) == .addressNotAllowed(.loopback))
        #expect(
            await TransportTests.failure("srt://169.254.169.254:9\(options)", strict) == .addressNotAllowed(.metadata))
        let none = TransportTests.opener { $0.schemes = [.rtsp] }
        #expect(
            await TransportTests.failure("srt://127.0.0.1:9\(options)", none)
                == .unsupportedReference(
                    "begins with srt, which the setting media.schemes does not allow; wanted an address that begins with rtsp"
                ))
    }

    @Test(arguments: [
        ("srt://127.0.0.1", "names no port between 1 and 65535"),
        (
            "srt://127.0.0.1:9?transtype=file",
            "has the parameter 'transtype', where mode, latency, passphrase, pbkeylen and streamid may stand"
        ),
        ("srt://127.0.0.1:9?mode=rendezvous", "has mode 'rendezvous', where caller or listener may stand"),
        ("srt://127.0.0.1:9?latency=200000", "has latency '200000', where milliseconds in 0…10000 may stand"),
        ("srt://127.0.0.1:9?pbkeylen=8", "has pbkeylen '8', where 16, 24 or 32 may stand"),
        ("srt://127.0.0.1:9?passphrase=short", "has a passphrase of 5 bytes, where 10…79 may stand"),
        ("srt://127.0.0.1:9?streamid=", "has a streamid of 0 bytes, where 1…512 may stand"),
        ("srt://127.0.0.1:9?latency=1&latency=2", "has the parameter 'latency' twice"),
        ("srt://127.0.0.1:9?streamid=#!::r=1", "has a '#' that ends the address; write it as '%23'"),
        ("srt://me@127.0.0.1:9", "names a user, where SRT has a passphrase and a streamid"),
    ])
    func whatCannotBeMeantIsSaid(reference: String, complaint: String) async {
        #expect(await TransportTests.failure(reference) == .unsupportedReference(complaint))
    }
}
