public import Foundation
public import Identity
public import Records

/// Links to results of anonymisations, which need no other credentials.
public struct ResultLinks: Sendable {
    private let identity: Identity
    private let base: String

    /// - Parameter base: what links begin with, without a slash at its end.
    public init(identity: Identity, base: String) { (self.identity, self.base) = (identity, base) }

    /// Where a result is found until a time.
    public func link(to output: String, of job: Job, until expiry: Date) async throws -> String {
        let path = StorageDoor.path(AnonymisationDoor.container, job.id.bare, output)
        return base + (try await StorageLink(path, .read, until: expiry).signed(by: identity, for: job.accountID))
    }
}
