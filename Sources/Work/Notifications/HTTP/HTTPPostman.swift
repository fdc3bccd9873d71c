import Addresses
import Foundation
import NIOHTTP1
import NIOSSL
public import Records
import Synchronization

/// Posts letters over HTTP: resolves the host's name, checks all its addresses, and connects to the very address that was checked.
/// Redirects are not followed. A connection is kept for what comes within some seconds for the same receiver.
public struct HTTPPostman: Postman {
    private let policy: NetworkPolicy
    /// The setting that allows further networks; refusals name it.
    let networksKey: String
    private let idleTime: Duration
    private let time: Timepiece
    private let tls: Result<NIOSSLContext, any Error>
    private let kept = KeptConnections()

    /// - Parameters:
    ///   - networksKey: the setting that allows further networks.
    ///   - idleTime: an unused connection is closed after so long: before most receivers do it by themselves.
    public init(
        _ configuration: CallbackConfiguration, networksKey: String = CallbackConfiguration.networksKey,
        time: Timepiece = .system, idleTime: Duration = .seconds(3)
    ) {
        self.networksKey = networksKey
        (policy, self.time, self.idleTime) = (configuration.network, time, idleTime)
        var settings = TLSConfiguration.makeClientConfiguration()
        if !configuration.verifiesCertificates { settings.certificateVerification = .none }
        settings.applicationProtocols = ["http/1.1"]
        tls = Result { [settings] in try NIOSSLContext(configuration: settings) }
    }

    public func post(_ letter: Letter) async -> Answer? {
        guard let endpoint = letter.callback?.endpoint else {
            return .impossible("Its callback has a type that this version does not send to")
        }
        guard let request = OutgoingRequest(letter, to: endpoint, at: time.now()) else {
            return .impossible("Its url names no receiver")
        }
        // What is known of the answer when time is up counts.
        let known = KnownHead()
        let deadline = time.now() + Double(endpoint.timeout)
        let outcome = await withTaskGroup(of: Answer?.self) { group in
            group.addTask { await exchange(request) { known.set($0) } }
            group.addTask {
                guard (try? await time.sleepUntil(deadline)) != nil else { return nil }
                return .unreachable("The receiver did not answer within \(endpoint.timeout) s")
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let head = known.value { return .status(head.status, retryAfter: wish(head)) }
        return Task.isCancelled ? nil : outcome
    }

    private func wish(_ head: HTTPHeadOfAnswer) -> Duration? {
        guard let text = head.retryAfter else { return nil }
        // More digits than a number has are a long time, too.
        let isWhole = !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
        if let seconds = Int64(text) ?? (isWhole ? .max : nil) { return .seconds(min(max(seconds, 0), 86_400)) }
        guard let date = HTTPDate.date(text) else { return nil }
        return .seconds(min(max(date.timeIntervalSince(time.now()), 0), 86_400))
    }

    private func exchange(
        _ request: OutgoingRequest, onHead: @escaping @Sendable (HTTPHeadOfAnswer) -> Void
    ) async -> Answer? {
        do {
            if let connection = kept.take(for: request) {
                do {
                    return try await exchange(request, over: connection, onHead)
                } catch let error as PinnedConnection.Failure where error.isClosedUnanswered {
                    // The receiver closed it just now: a new one says whether it is there.
                }
            }
            return try await exchange(request, over: connect(for: request), onHead)
        } catch let error as PinnedConnection.Failure {
            return .unreachable(error.description)
        } catch is CancellationError {
            return nil
        } catch let error as AddressError {
            return .unreachable(CallbackConfiguration.sentence(error, networksKey: networksKey))
        } catch {
            return .unreachable("The receiver cannot be connected to")
        }
    }
    /// A request whose answer is wanted.
    /// - Throws: `PinnedConnection.Failure`, `AddressError`; `CancellationError`.
    func exchange(_ request: OutgoingRequest) async throws -> (HTTPHeadOfAnswer, [UInt8]) {
        func exchange(over connection: PinnedConnection) async throws -> (HTTPHeadOfAnswer, [UInt8]) {
            let (head, body, isReusable) = try await connection.exchange(request, onHead: { _ in })
            if isReusable { kept.put(connection, for: request) }
            return (head, body)
        }
        if let connection = kept.take(for: request) {
            do { return try await exchange(over: connection) } catch let error as PinnedConnection.Failure
                where error.isClosedUnanswered
            {}  // the other side closed it just now: a new one says whether it is there
        }
        return try await exchange(over: connect(for: request))
    }

    private func exchange(
        _ request: OutgoingRequest, over connection: PinnedConnection,
        _ onHead: @escaping @Sendable (HTTPHeadOfAnswer) -> Void
    ) async throws -> Answer {
        let (head, _, isReusable) = try await connection.exchange(request, onHead: onHead)
        if isReusable { kept.put(connection, for: request) }
        return .status(head.status)
    }
    /// To the first address of the receiver that can be connected to.
    func connect(for request: OutgoingRequest) async throws -> PinnedConnection {
        var failure = PinnedConnection.Failure(description: "The receiver cannot be connected to")
        for address in try await policy.lookUp(request.host) {
            do {
                return try await PinnedConnection(
                    to: request, address: address.text, tls: try tls.get(), idleTime: idleTime)
            } catch let error as PinnedConnection.Failure {
                failure = error
            }
        }
        throw failure
    }
}

/// Connections that wait a moment for the next request to the same receiver; they close themselves.
private final class KeptConnections: Sendable {
    private struct Origin: Hashable {
        let host: String, port: Int, isSecure: Bool
        init(_ request: OutgoingRequest) { (host, port, isSecure) = (request.host, request.port, request.isSecure) }
    }
    private let connections = Mutex<[(origin: Origin, connection: PinnedConnection)]>([])

    func take(for request: OutgoingRequest) -> PinnedConnection? {
        let origin = Origin(request)
        return connections.withLock { connections in
            connections.removeAll { !$0.connection.isOpen }
            guard let index = connections.lastIndex(where: { $0.origin == origin }) else { return nil }
            return connections.remove(at: index).connection
        }
    }
    func put(_ connection: PinnedConnection, for request: OutgoingRequest) {
        let surplus = connections.withLock { connections in
            connections.append((Origin(request), connection))
            return connections.count > CallbackConfiguration.keptConnections
                ? connections.removeFirst().connection : nil
        }
        surplus?.close()
    }
}

/// The head of an answer as soon as there is one.
private final class KnownHead: Sendable {
    private let head = Mutex<HTTPHeadOfAnswer?>(nil)
    func set(_ head: HTTPHeadOfAnswer) { self.head.withLock { $0 = head } }
    var value: HTTPHeadOfAnswer? { head.withLock { $0 } }
}

/// What is read of an answer.
struct HTTPHeadOfAnswer: Equatable, Sendable {
    let status: Int
    let headers: HTTPHeaders
    var retryAfter: String? { headers.first(name: "Retry-After") }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, as RFC 9110 §5.6.7 has it.
enum HTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    static func date(_ text: String) -> Date? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", words[1].count == 2,
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        let number = month + 1 < 10 ? "0\(month + 1)" : "\(month + 1)"
        return Date(rfc3339: "\(words[3])-\(number)-\(words[1])T\(words[4])Z")
    }
}
