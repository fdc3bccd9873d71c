import Addresses

/// What somebody asked to be fetched.
public struct Fetched: Sendable {
    public let contentType: String?
    public let bytes: [UInt8]
    public init(contentType: String?, bytes: [UInt8]) { (self.contentType, self.bytes) = (contentType, bytes) }
}
/// Why nothing was fetched, for whoever reads it; holds no address.
public struct FetchFailure: Error, CustomStringConvertible {
    public let description: String
    public init(description: String) { self.description = description }
}

extension HTTPPostman {
    /// Fetches what is at `url`, under the rules that letters are posted by: checked addresses, no redirect, no detour.
    /// - Parameter limit: bytes.
    /// - Throws: `FetchFailure`; `CancellationError`.
    public func fetch(_ url: String, limit: Int, within patience: Duration = .seconds(30)) async throws -> Fetched {
        guard let request = OutgoingRequest(getting: url, limit: limit) else {
            throw FetchFailure(description: "It is no URL that can be fetched")
        }
        return try await withThrowingTaskGroup(of: Fetched.self) { group in
            group.addTask { try await fetch(request) }
            group.addTask {
                try await Task.sleep(for: patience)
                throw FetchFailure(description: "It did not come in time")
            }
            defer { group.cancelAll() }
            guard let fetched = try await group.next() else { throw CancellationError() }
            return fetched
        }
    }

    private func fetch(_ request: OutgoingRequest) async throws -> Fetched {
        do {
            let connection = try await connect(for: request)
            defer { connection.close() }
            let (head, body, _) = try await connection.exchange(request, onHead: { _ in })
            guard head.status == 200 else { throw FetchFailure(description: "The server answered \(head.status)") }
            return Fetched(contentType: head.contentType, bytes: body)
        } catch let error as PinnedConnection.Failure {
            throw FetchFailure(description: error.description)
        } catch let error as AddressError {
            throw FetchFailure(description: CallbackConfiguration.sentence(error))
        }
    }
}
