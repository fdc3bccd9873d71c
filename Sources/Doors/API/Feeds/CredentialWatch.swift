import Foundation
import HTTPEdge
import HTTPTypes
import HummingbirdCore
import Records
import Store

/// Looks after the credentials that opened a feed.
struct CredentialWatch: Sendable {
    private let services: Services
    private let call: Call
    private let access: Access
    private let sees: @Sendable (Caller) -> Bool
    private let changes: AsyncStream<Change>

    /// - Parameter sees: whether a caller may still see what the feed tells.
    init(_ services: Services, of call: Call, for access: Access, sees: @escaping @Sendable (Caller) -> Bool) {
        (self.services, self.call, self.access, self.sees) = (services, call, access, sees)
        changes = services.credentialChanges(of: call.caller.account.id)
    }

    /// Returns true when whoever watches would no longer be let in: the token was deleted, replaced by one without the right or
    /// has expired, the password was changed, the session is over, or the account lost sight of others. False when the task is cancelled.
    func refusal() async -> Bool {
        let authenticator = Authenticator(identity: services.identity)
        var doubt: ContinuousClock.Instant?
        while !Task.isCancelled {
            // The first time for what happened during the handshake.
            let caller: Caller
            do {
                caller = try await authenticator.caller(call.request.head, in: call.context, for: access)
                doubt = nil
            } catch {
                guard let pause = Self.pause(after: error) else { break }
                let since = doubt ?? .now
                doubt = since
                // Who keeps a login busy with wrong passwords may not keep a feed open with one that was right.
                if error is APIError, .now - since >= Self.patience { break }
                guard (try? await Task.sleep(for: pause)) != nil else { return false }
                continue
            }
            guard sees(caller) else { break }
            let isExpired = await withTaskGroup(of: Bool.self) { group in
                group.addTask { [changes] in
                    for await _ in changes { break }
                    return false
                }
                if let expiry = caller.expiry {
                    let time = min(expiry.timeIntervalSinceNow, Self.longestWatch)
                    group.addTask { (try? await Task.sleep(for: .seconds(time))) != nil }
                }
                defer { group.cancelAll() }
                return await group.next() ?? false
            }
            if isExpired { break }
        }
        return !Task.isCancelled
    }
    /// How long credentials may be good for a feed that nobody can look at, since too many try that login.
    private static let patience = Duration.seconds(60)
    /// After which they are looked at again, when they could not be; `nil` after a refusal. What fails in the store says nothing about them.
    static func pause(after error: any Error) -> Duration? {
        guard let error = error as? APIError else { return .seconds(1) }
        guard let wait = error.headers[.retryAfter].flatMap({ Int($0) }) else { return nil }
        return min(.seconds(wait), patience)
    }
    /// Seconds, ten years: some tokens expire later than a clock can be set.
    private static let longestWatch = 10.0 * 365 * 86400
}
