import Analytics
import Foundation
import JSON
import Probing
import Records

/// Reads what is to be tried: a stream by its id, or what one would be registered with.
enum ProbeBody {
    case stream(UUID)
    case source(SourceProber.Wish)

    init(_ body: JSONReader, catalogue: AnalyticCatalogue, settings: APISettings) throws {
        _ = try body.object(known: ["stream_id", "data", "analytics", "privacy"])
        if let id = try body.optional("stream_id") {
            for name in ["data", "analytics", "privacy"] {
                if let other = try body.optional(name) { throw other.violation("Extra inputs are not permitted") }
            }
            self = .stream(try id.id())
            return
        }
        let source = try SourceSpecification(body.required("data")), privacy = try body.privacy(catalogue)
        let analytics = try body.optional("analytics")?.items(minimum: 1, maximum: settings.analyticsLimit).map {
            try AnalyticChoice($0, in: privacy, catalogue: catalogue, callbacks: settings.callbackNetwork)
        }
        self = .source(SourceProber.Wish(source: source, analytics: analytics ?? [], privacy: privacy))
    }
}

extension RegisteredStream {
    /// To be tried as it is run.
    var probe: SourceProber.Wish {
        let definition = definition
        return SourceProber.Wish(
            source: definition.source, analytics: definition.analytics, privacy: definition.privacy)
    }
}
