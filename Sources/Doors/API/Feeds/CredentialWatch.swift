import Foundation
import HTTPEdge
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
    /// has expired, the password was changed, or the account lost sight of others. False when the task is cancelled.
    func refusal() async -> Bool {
        let authenticator = Authenticator(identity: services.identity)
        while !Task.isCancelled {
            // The first time for what happened during the handshake.
            let caller: Caller
            do {
                caller = try await authenticator.caller(
                    call.request.head, from: call.context.clientAddress, for: access)
            } catch StoreError.unavailable {
                // While nobody can write, nothing about him changes.
                guard (try? await Task.sleep(for: .seconds(1))) != nil else { return false }
                continue
            } catch {
                break
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
    /// Seconds, ten years: some tokens expire later than a clock can be set.
    private static let longestWatch = 10.0 * 365 * 86400
}
