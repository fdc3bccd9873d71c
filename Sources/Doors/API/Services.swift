import Analytics
import Hummingbird
import Foundation
import Identity
import Pipeline
import Records
import Store
import Streams

/// What the routes work with.
struct Services: Sendable {
    let store: Store
    let identity: Identity
    let hub: EventHub
    let catalogue: AnalyticCatalogue
    let daemon: DaemonView
    let metrics = RequestMetrics()
    let settings: APISettings

    /// A handler that knows who asks, and that whoever asks may have it done.
    func authenticated(
        _ access: Access, _ handler: @escaping @Sendable (Call) async throws -> Response
    ) -> ResourceTable.Guarded {
        let (authenticator, settings) = (Authenticator(identity: identity), settings)
        return ResourceTable.Guarded(access: access) { request, context in
            let caller = try await authenticator.caller(
                Credentials(request.headers), from: context.clientAddress, for: access)
            return try await handler(Call(request: request, context: context, caller: caller, settings: settings))
        }
    }
    /// The same for what needs a right of a token.
    func authenticated(
        _ object: Right.Object, _ action: Right.Action, _ handler: @escaping @Sendable (Call) async throws -> Response
    ) -> ResourceTable.Guarded {
        authenticated(.right(Right(object, action)), handler)
    }

    /// Has an element when something about an account or one of its tokens has changed since the one before.
    func credentialChanges(of account: UUID) -> AsyncStream<Change> {
        store.changes.changes { $0 == .credentials(account: account) }
    }
}
