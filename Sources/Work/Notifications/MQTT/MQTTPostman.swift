import Addresses
import Foundation
import JSON
public import Records
import Synchronization

/// Publishes letters and state at MQTT brokers, over one connection for each broker and login.
///
/// Without TLS the very address that was checked is connected to. With TLS libmosquitto needs the name, which the broker's certificate
/// must have: whoever changes the name's address behind the check has no such certificate.
public final class MQTTPostman: Postman {
    /// Callbacks with the same one share a connection.
    struct Key: Hashable {
        let host: String, port: Int, isSecure: Bool, login: String?, password: String?
        init(_ place: Callback.Broker.Place) {
            (host, port, isSecure) = (place.host, place.port, place.isSecure)
            (login, password) = (place.credentials?.login, place.credentials?.password)
        }
    }
    /// What is published.
    struct Message: Sendable {
        let topic: String
        let payload: [UInt8]
        let isRetained: Bool
    }
    /// Connections that are not used for so long are closed.
    private static let idleLimit: TimeInterval = 600
    private let policy: NetworkPolicy
    private let verifies: Bool
    private let time: Timepiece
    private let connections = Mutex<[Key: (connection: MQTTConnection, lastUse: Date)]>([:])

    public init(_ configuration: CallbackConfiguration, time: Timepiece = .system) {
        (policy, verifies, self.time) = (configuration.network, configuration.verifiesCertificates, time)
    }
    deinit {
        for (connection, _) in connections.withLock({ $0.values }) {
            connection.end(MQTTConnection.Failure(description: "The daemon ends"))
        }
    }

    public func post(_ letter: Letter) async -> Answer? {
        guard let broker = letter.callback?.broker else { return .impossible("Its callback names no broker") }
        let body = letter.body.value
        let payload = broker.contentType == .json ? Array(letter.body.text.utf8) : body.messagePack
        return await publish(
            Message(topic: broker.topic(of: body), payload: payload, isRetained: broker.isRetained), at: broker)
    }

    /// - Returns: as `post`.
    func publish(_ message: Message, at broker: Callback.Broker) async -> Answer? {
        let deadline = time.now() + Double(broker.timeout)
        let outcome = await withTaskGroup(of: Answer?.self) { group in
            group.addTask { await self.send(message, to: broker) }
            group.addTask {
                guard (try? await self.time.sleepUntil(deadline)) != nil else { return nil }
                return .unreachable("The broker did not answer within \(broker.timeout) s")
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        return Task.isCancelled ? nil : outcome
    }

    private func send(_ message: Message, to broker: Callback.Broker) async -> Answer? {
        do {
            let connection = try await connection(to: broker)
            try await connection.publish(
                message.payload, to: message.topic, quality: broker.quality, isRetained: message.isRetained)
            return .status(200)
        } catch is CancellationError {
            return nil
        } catch let error as MQTTConnection.Failure {
            return .unreachable(error.description)
        } catch let error as AddressError {
            return .unreachable(CallbackConfiguration.sentence(error))
        } catch {
            return .unreachable("The broker cannot be connected to")
        }
    }

    private func connection(to broker: Callback.Broker) async throws -> MQTTConnection {
        let place = broker.place
        let key = Key(place)
        if let known = usable(key) { return known }
        let addresses = try await policy.lookUp(place.host)
        // Somebody else may have been faster.
        return try connections.withLock { connections in
            if let known = connections[key]?.connection, known.isUsable { return known }
            let new = try MQTTConnection(
                host: place.isSecure ? place.host : addresses[0].text, port: place.port,
                credentials: place.credentials, tls: place.isSecure ? MQTTConnection.TLS(verifies: verifies) : nil)
            connections[key] = (new, time.now())
            return new
        }
    }
    private func usable(_ key: Key) -> MQTTConnection? {
        let now = time.now()
        let (known, idle) = connections.withLock { connections in
            let idle = connections.filter { now.timeIntervalSince($0.value.lastUse) > Self.idleLimit && $0.key != key }
            for key in idle.keys { connections[key] = nil }
            guard let known = connections[key]?.connection, known.isUsable else {
                return (nil as MQTTConnection?, Array(idle.values))
            }
            connections[key]?.lastUse = now
            return (known, Array(idle.values))
        }
        for (connection, _) in idle { connection.end(MQTTConnection.Failure(description: "Nobody uses it")) }
        return known
    }
}
