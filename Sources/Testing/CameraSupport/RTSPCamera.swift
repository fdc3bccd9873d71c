public import Foundation
import Glibc
import Synchronization

/// A camera on the loopback interface that speaks RTSP, within HTTP too, and carries its packets in the same connection or over UDP.
/// It can be told to fall silent, to report any time of day, to lose packets, and to answer as it should not.
///
/// Two threads per connection. Ends with its last owner, or with `stop()`.
/// Sources: RFC 2326; "Tunnelling RTSP and RTP through HTTP", QuickTime Streaming Server's documentation.
public final class RTSPCamera: Sendable {
    /// What it does once somebody plays it.
    public struct Script: Sendable {
        public var film: H264Film?
        public var framesPerSecond = 25.0
        /// Pictures after which it says nothing more, with the connection open; `nil`: it plays the film over and over.
        public var silentAfter: Int?
        public var reports: [Report] = []
        /// The description; `nil`: of one track of H.264.
        public var description: String?
        /// Called with each request before all else; an answer, head and body, replaces the camera's own.
        public var answer: @Sendable (_ request: String) -> String? = { _ in nil }
        /// Whether it takes packets in the connection, else it answers 461; whether it sends them over UDP, else whoever asks for that is
        /// sent nothing.
        public var sendsInterleaved = true, sendsOverUDP = false
        /// Of the packets over UDP, numbered from 0: which get lost, and which are overtaken by the next.
        public var loses: @Sendable (Int) -> Bool = { _ in false }, delays: @Sendable (Int) -> Bool = { _ in false }
        public init(film: H264Film? = nil) { self.film = film }
    }

    /// Tells from the next picture on that the first was taken at `time`, by the camera's clock.
    public func report(firstPicture time: Date) { state.withLock { $0.reported = time } }

    /// A sender report.
    public struct Report: Sendable {
        /// Before which picture it comes.
        let picture: Int
        /// When, by the camera's clock, the moment was that it tells of.
        let time: Date
        /// By how many seconds that moment was before the picture was taken.
        let age: Double
        public init(before picture: Int, _ time: Date, age: Double = 0) {
            (self.picture, self.time, self.age) = (picture, time, age)
        }
    }

    public let port: Int
    public var address: String { "rtsp://127.0.0.1:\(port)/camera" }
    private let script: Script
    private let listener: LoopbackListener
    private struct State {
        var accepted = 0
        var requests: [String] = []
        var lastPacket: ContinuousClock.Instant?
        var isStopped = false
        var reported: Date?
        var connections: Set<Int32> = []
        /// Where answers to requests within HTTP go, by cookie.
        var tunnels: [String: Int32] = [:]
    }
    private let state = Mutex(State())

    /// Connections that were taken so far.
    public var accepted: Int { state.withLock { $0.accepted } }
    /// Heads of all requests so far.
    public var requests: [String] { state.withLock { $0.requests } }
    /// When the latest packet of a picture left.
    public var lastPacket: ContinuousClock.Instant? { state.withLock { $0.lastPacket } }

    public init(_ script: Script) {
        self.script = script
        let listener = LoopbackListener()
        (self.listener, port) = (listener, listener.port)
        Thread.detachNewThread { [weak self] in
            while let connection = listener.next() {
                guard let self, self.take(connection) else {
                    close(connection)
                    break
                }
            }
        }
    }
    deinit { stop() }

    /// Refuses and ends all connections.
    public func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            listener.stop()
            for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
        }
    }

    private func take(_ connection: Int32) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isStopped else { return false }
            state.accepted += 1
            state.connections.insert(connection)
            return true
        }
        if isTaken {
            Thread.detachNewThread { [weak self] in
                RTSPConversation(connection, self?.script ?? Script(), camera: self).run()
                self?.state.withLock { _ = $0.connections.remove(connection) }
                close(connection)
            }
        }
        return isTaken
    }

    func note(request: String) { state.withLock { $0.requests.append(request) } }
    func takeReport() -> Date? {
        state.withLock { state in
            defer { state.reported = nil }
            return state.reported
        }
    }
    func beginTunnel(_ cookie: String, _ connection: Int32) { state.withLock { $0.tunnels[cookie] = connection } }
    /// A descriptor that is the caller's.
    func tunnel(_ cookie: String) -> Int32? { state.withLock { $0.tunnels[cookie].map { dup($0) } } }
    func notePacket() { state.withLock { $0.lastPacket = .now } }
}
