import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Probing
import Records
import Store

/// `/6/streams/probe`: tries a source at once.
struct ProbeRoutes: Sendable {
    let services: Services
    /// Opening ends by itself before, after `media.open_timeout`; models are loaded within a minute.
    private static let patience: Duration = .seconds(700)

    func add(to table: ResourceTable) {
        table.add("/6/streams/probe", .post(.right(.stream, .creation), body: .json(), probe))
    }

    @Sendable private func probe(_ call: Call) async throws -> Response {
        let services = services, caller = call.caller, account = caller.account.id
        return try await call.answerPatiently(atMost: Self.patience) { document in
            let wish: SourceProber.Wish
            switch try ProbeBody(document, catalogue: services.catalogue, settings: services.settings) {
            case .source(let source): wish = source
            case .stream(let id):
                // It shows what is registered, as all that is asked of a stream does.
                try caller.demand(Right(.stream, .view))
                guard let stream = try await services.store.stream(id: id, account: account) else {
                    throw APIError.streamNotFound(id)
                }
                wish = stream.probe
            }
            return .json(try await services.probes.probe(wish, for: account).json)
        }
    }
}
