import Addresses
import NIOHTTP1

/// What a server answered.
public struct HTTPReply: Sendable {
    public let status: Int
    private let fields: HTTPHeaders
    public let body: [UInt8]
    init(_ head: HTTPHeadOfAnswer, _ body: [UInt8]) { (status, fields, self.body) = (head.status, head.headers, body) }

    /// In the order in which they came.
    public var headers: [(name: String, value: String)] { fields.map { ($0.name, $0.value) } }
    /// The first of a name, in whatever case.
    public func header(_ name: String) -> String? { fields.first(name: name) }
}

/// What somebody asked to be fetched.
public struct Fetched: Sendable {
    public let contentType: String?
    public let bytes: [UInt8]
    public init(contentType: String?, bytes: [UInt8]) { (self.contentType, self.bytes) = (contentType, bytes) }
}
/// Why there is no answer, or nothing was fetched, for whoever reads it; holds no address.
public struct FetchFailure: Error, CustomStringConvertible {
    public let description: String
    public init(description: String) { self.description = description }
}

extension HTTPPostman {
    /// Asks a server something, under the rules that letters are posted by: checked addresses, no redirect, no detour.
    /// - Parameters:
    ///   - headers: beside those that every request has.
    ///   - limit: bytes of the answer's body.
    /// - Returns: whatever it answered.
    /// - Throws: `FetchFailure`; `CancellationError`.
    public func call(
        _ method: String, _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [], limit: Int,
        within patience: Duration = .seconds(30)
    ) async throws -> HTTPReply {
        guard let request = OutgoingRequest(method, url, headers: headers, body: body, limit: limit) else {
            throw FetchFailure(description: "It is no URL that can be fetched")
        }
        return try await withThrowingTaskGroup(of: HTTPReply.self) { group in
            group.addTask { try await call(request) }
            group.addTask {
                try await Task.sleep(for: patience)
                throw FetchFailure(description: "It did not come within \(Int(patience / .seconds(1))) s")
            }
            defer { group.cancelAll() }
            guard let reply = try await group.next() else { throw CancellationError() }
            return reply
        }
    }
    /// Fetches the picture at `url`, as `call` does.
    /// - Parameter limit: bytes.
    /// - Throws: `FetchFailure`; `CancellationError`.
    public func fetch(_ url: String, limit: Int, within patience: Duration = .seconds(30)) async throws -> Fetched {
        let reply = try await call(
            "GET", url, headers: [("Accept", "image/*")], limit: limit, within: patience)
        guard reply.status == 200 else { throw FetchFailure(description: "The server answered \(reply.status)") }
        return Fetched(contentType: reply.header("Content-Type"), bytes: reply.body)
    }

    private func call(_ request: OutgoingRequest) async throws -> HTTPReply {
        do {
            let (head, body) = try await exchange(request)
            return HTTPReply(head, body)
        } catch let error as PinnedConnection.Failure {
            throw FetchFailure(description: error.description)
        } catch let error as AddressError {
            throw FetchFailure(description: CallbackConfiguration.sentence(error, networksKey: networksKey))
        }
    }
}
