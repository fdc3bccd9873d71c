public import Addresses
public import Records
import Foundation

/// Fetches what addresses lead to that somebody sent, under the rules for sources: each address is checked before it is connected to, that of
/// each redirect too.
public struct Downloader: Sendable {
    private static let redirectLimit = 5
    private static let redirects: Set = [301, 302, 303, 307, 308]
    private let postman: HTTPPostman
    private let networksKey: String

    /// - Parameters:
    ///   - network: which addresses may be reached.
    ///   - networksKey: the setting that allows further ones; refusals name it.
    public init(network: NetworkPolicy, networksKey: String, verifiesCertificates: Bool) {
        var configuration = CallbackConfiguration()
        (configuration.network, configuration.verifiesCertificates) = (network, verifiesCertificates)
        (postman, self.networksKey) = (HTTPPostman(configuration), networksKey)
    }

    /// What is at `url`.
    /// - Parameters:
    ///   - headers: beside those that every request has.
    ///   - limit: bytes.
    ///   - patience: for all of it.
    /// - Throws: `FetchFailure`; `CancellationError`.
    public func get(
        _ url: String, headers: [(name: String, value: String)] = [], limit: Int,
        within patience: Duration = .seconds(60)
    ) async throws -> Fetched {
        try await withThrowingTaskGroup(of: Fetched.self) { group in
            group.addTask { try await follow(url, headers, limit) }
            group.addTask {
                try await Task.sleep(for: patience)
                throw FetchFailure(description: "It did not come within \(Int(patience / .seconds(1))) s")
            }
            defer { group.cancelAll() }
            guard let fetched = try await group.next() else { throw CancellationError() }
            return fetched
        }
    }

    private func follow(
        _ url: String, _ headers: [(name: String, value: String)], _ limit: Int
    ) async throws -> Fetched {
        var url = url, headers = headers
        for _ in 0...Self.redirectLimit {
            guard let request = OutgoingRequest("GET", url, headers: headers, body: [], limit: limit) else {
                throw FetchFailure(description: "It is no URL that can be fetched")
            }
            let (head, body) = try await exchange(request)
            if head.status == 200 { return Fetched(contentType: head.headers.first(name: "Content-Type"), bytes: body) }
            guard Self.redirects.contains(head.status), let location = head.headers.first(name: "Location") else {
                throw FetchFailure(description: "The server answered \(head.status)")
            }
            guard let base = URL(string: url), let next = URL(string: location, relativeTo: base)?.absoluteURL else {
                throw FetchFailure(description: "The server redirects to something that is no URL")
            }
            // What was meant for one host is for no other one.
            if next.host() != base.host() || next.port != base.port || next.scheme != base.scheme { headers = [] }
            url = next.absoluteString
        }
        throw FetchFailure(description: "The server redirects more than \(Self.redirectLimit) times")
    }

    private func exchange(_ request: OutgoingRequest) async throws -> (HTTPHeadOfAnswer, [UInt8]) {
        do { return try await postman.exchange(request) } catch let error as PinnedConnection.Failure {
            throw FetchFailure(description: error.description)
        } catch let error as AddressError {
            throw FetchFailure(description: CallbackConfiguration.sentence(error, networksKey: networksKey))
        }
    }
}
