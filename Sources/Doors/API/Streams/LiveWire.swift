import JSON
import Records
import Scene
import Streams

/// The messages of `GET /6/streams/{stream_id}/ws`.
enum LiveWire {
    /// What a live subscriber is told as JSON messages, in order: none, one, or several where one frame changed several
    /// tracks, since a message holds one object per result name.
    static func messages(for message: LiveMessage) -> [JSONValue] {
        switch message {
        case .updates(let analytics):
            analytics.flatMap { analytic in
                analytic.updates.compactMap { update in
                    update.live(under: analytic.origin.resultName)
                }
            }
        case .analyticError(let resultName, let error): [envelope([resultName: ["error": shown(error)]])]
        case .failed(let error): [["stream_status": "error", "error": shown(error)]]
        case .finished: [["stream_status": "finished", "error": nil]]
        }
    }

    private static func shown(_ error: String) -> JSONValue { .string(Redaction.redacted(error)) }

    /// - Parameter results: by result name.
    fileprivate static func envelope(_ results: JSONValue) -> JSONValue {
        ["stream_status": "in_progress", "error": nil, "analytics_results": results]
    }
}

extension EventUpdate {
    /// `nil` when live subscribers are told nothing.
    fileprivate func live(under resultName: String) -> JSONValue? {
        guard status != nil else { return nil }
        return LiveWire.envelope(results(under: resultName))
    }
}
