import CMosquitto
import Foundation
import Synchronization

/// One connection to a broker, with a thread of libmosquitto's. It is used until it breaks, and then made anew by whoever needs one.
///
/// `@unchecked Sendable` holds because libmosquitto locks its client for itself, and the pointer is never changed; it is freed when the
/// thread has ended.
final class MQTTConnection: @unchecked Sendable {
    /// Why something was not published.
    struct Failure: Error, CustomStringConvertible { let description: String }
    private enum Phase { case connecting, open, closed(Failure) }
    private struct State {
        var phase = Phase.connecting
        var users: [Awaited] = []
        var messages: [Int32: Awaited] = [:]
        /// Those that the broker has acknowledged before their sender could wait.
        var early: Set<Int32> = []
    }
    private static let isLibraryReady: Bool = mosquitto_lib_init() == Int32(MOSQ_ERR_SUCCESS.rawValue)
    /// Seconds of silence after which the broker is asked whether it is there.
    private static let keepAlive: Int32 = 30

    private let client: OpaquePointer
    private let loop: MQTTLoop
    private let state = Mutex(State())

    /// Connects on a thread of its own.
    /// - Parameters:
    ///   - host: an address that was checked; with TLS the broker's name, which its certificate must have.
    init(host: String, port: Int, credentials: (login: String, password: String)?, tls: TLS?) throws(Failure) {
        guard Self.isLibraryReady, let loop = MQTTLoop(), let client = mosquitto_new(nil, true, nil) else {
            throw Failure(description: "libmosquitto cannot be initialised")
        }
        (self.client, self.loop) = (client, loop)
        if let credentials { mosquitto_username_pw_set(client, credentials.login, credentials.password) }
        if let tls {
            guard mosquitto_tls_set(client, nil, tls.certificates, nil, nil, nil) == Self.success else {
                mosquitto_destroy(client)
                throw Failure(description: "The machine has no certificates in \(tls.certificates)")
            }
            if !tls.verifies {
                mosquitto_tls_opts_set(client, 0, nil, nil)
                mosquitto_tls_insecure_set(client, true)
            }
        }
        mosquitto_threaded_set(client, true)
        mosquitto_user_data_set(client, Unmanaged.passRetained(self).toOpaque())
        mosquitto_connect_callback_set(client) { _, user, code in
            MQTTConnection.of(user)?.connected(code)
        }
        mosquitto_disconnect_callback_set(client) { _, user, code in
            MQTTConnection.of(user)?.close(Failure(description: "The broker closed the connection"))
        }
        mosquitto_publish_callback_set(client) { _, user, message in
            MQTTConnection.of(user)?.published(message)
        }
        Thread.detachNewThread { [self] in run(host, port) }
    }
    deinit { mosquitto_destroy(client) }

    struct TLS: Sendable {
        /// The folder of the certificates that the machine trusts.
        var certificates = "/etc/ssl/certs"
        let verifies: Bool
    }

    var isUsable: Bool { state.withLock { if case .closed = $0.phase { false } else { true } } }

    private static let success = Int32(MOSQ_ERR_SUCCESS.rawValue)
    private static func of(_ user: UnsafeMutableRawPointer?) -> MQTTConnection? {
        user.map { Unmanaged<MQTTConnection>.fromOpaque($0).takeUnretainedValue() }
    }

    /// The connection's life: it holds itself as long as libmosquitto may call back.
    private func run(_ host: String, _ port: Int) {
        let code = mosquitto_connect(client, host, Int32(port), Self.keepAlive)
        if code == Self.success {
            loop.run(client) { isUsable }
        } else {
            let reason = code == Int32(MOSQ_ERR_ERRNO.rawValue) ? String(cString: strerror(errno)) : Self.text(code)
            close(Failure(description: "The broker cannot be reached: \(reason)"))
        }
        close(Failure(description: "The connection to the broker is lost"))
        Unmanaged.passUnretained(self).release()
    }
    private static func text(_ code: Int32) -> String { String(cString: mosquitto_strerror(code)) }

    private func connected(_ code: Int32) {
        guard code == 0 else {
            return close(
                Failure(
                    description: "The broker refuses the connection: \(String(cString: mosquitto_connack_string(code)))"
                ))
        }
        let users = state.withLock { state in
            state.phase = .open
            defer { state.users = [] }
            return state.users
        }
        for user in users { user.settle(.success(())) }
    }
    private func published(_ message: Int32) {
        let sender = state.withLock { state in
            let sender = state.messages.removeValue(forKey: message)
            if sender == nil { state.early.insert(message) }
            return sender
        }
        sender?.settle(.success(()))
    }

    /// What waits for something is told why there is none. The connection's thread sees it and ends.
    private func close(_ failure: Failure) {
        let waiting = state.withLock { state -> [Awaited] in
            if case .closed = state.phase { return [] }
            state.phase = .closed(failure)
            defer { (state.users, state.messages) = ([], [:]) }
            return state.users + state.messages.values
        }
        for each in waiting { each.settle(.failure(failure)) }
    }
    /// The same, told to the broker. Not to be called by libmosquitto, which would wait for itself.
    func end(_ failure: Failure) {
        close(failure)
        mosquitto_disconnect(client)
        loop.ring()
    }

    /// Returns when the broker has the message, as far as its quality of service goes.
    /// - Throws: `Failure`; `CancellationError`.
    func publish(_ payload: [UInt8], to topic: String, quality: Int, isRetained: Bool) async throws {
        try await waitUntilOpen()
        var message: Int32 = 0
        let code = mosquitto_publish(
            client, &message, topic, Int32(payload.count), payload, Int32(quality), isRetained)
        loop.ring()
        guard code == Self.success else {
            throw Failure(description: "The broker cannot be sent the message: \(Self.text(code))")
        }
        let sent = Awaited()
        let known = state.withLock { state -> Result<Void, any Error>? in
            if state.early.remove(message) != nil { return .success(()) }
            if case .closed(let failure) = state.phase { return .failure(failure) }
            state.messages[message] = sent
            return nil
        }
        if let known { return try known.get() }
        try await sent.wait()
    }
    private func waitUntilOpen() async throws {
        let user = Awaited()
        let phase = state.withLock { state in
            if case .connecting = state.phase { state.users.append(user) }
            return state.phase
        }
        switch phase {
        case .open: return
        case .closed(let failure): throw failure
        case .connecting: try await user.wait()
        }
    }
}
