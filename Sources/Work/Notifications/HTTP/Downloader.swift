public import Addresses
import Foundation

/// Fetches what addresses lead to that somebody sent, under the rules for sources: each address is checked before it is connected to, that of
/// each redirect too.
public struct Downloader: Sendable {
    private static let redirectLimit = 5
    private static let redirects: Set = [301, 302, 303, 307, 308]
    private let postman: HTTPPostman

    /// - Parameters:
    ///   - network: which addresses may be reached.
    ///   - networksKey: the setting that allows further ones; refusals name it.
    public init(network: NetworkPolicy, networksKey: String, verifiesCertificates: Bool) {
        var configuration = CallbackConfiguration()
        (configuration.network, configuration.verifiesCertificates) = (network, verifiesCertificates)
        postman = HTTPPostman(configuration, networksKey: networksKey)
    }

    /// Asks for something to be done, and returns the status of the answer. No redirect is followed.
    /// - Throws: `FetchFailure`; `CancellationError`.
    public func call(
        _ method: String, _ url: String, headers: [(name: String, value: String)] = []
    ) async throws -> Int {
        try await postman.call(method, url, headers: headers, limit: Self.answerLimit).status
    }
    private static let answerLimit = 1 << 20

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
        let end = ContinuousClock.now + patience
        var url = url, headers = headers
        for _ in 0...Self.redirectLimit {
            let reply = try await postman.call(
                "GET", url, headers: headers, limit: limit, within: max(.zero, ContinuousClock.now.duration(to: end)))
            if reply.status == 200 { return Fetched(contentType: reply.header("Content-Type"), bytes: reply.body) }
            guard Self.redirects.contains(reply.status), let location = reply.header("Location") else {
                throw FetchFailure(description: "The server answered \(reply.status)")
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
}
