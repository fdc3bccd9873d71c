import Foundation
import JSON
import Records
import Streams

extension RegisteredStream {
    /// The stream object of `docs/contract/streams.md §3.6`: all keys always there, secrets hidden.
    ///
    /// - Parameter health: of the stream's latest run; shown while it runs and all is not well.
    func wire(_ health: StreamHealth?) -> JSONValue {
        let object = object(showsSecrets: false)
        guard status == .inProgress, case .object(var members) = object, let health = health?.wire else { return object }
        members["health"] = health
        return .object(members)
    }
    /// The same as its owner wrote it, which nobody is shown.
    var withSecrets: JSONValue { object(showsSecrets: true) }

    private func object(showsSecrets: Bool) -> JSONValue {
        let source = specification.source
        func shown(_ text: String, _ kind: Redaction.Kind) -> JSONValue {
            .string(showsSecrets ? text : Redaction.redacted(text, as: kind))
        }
        return [
            "stream_id": .string(id.wire), "account_id": .string(accountID.wire),
            "name": shown(specification.name, .prose), "description": shown(specification.description, .prose),
            "data": [
                "type": .string(source.kind.rawValue), "reference": shown(source.reference, .address),
                "rotation": .integer(Int64(source.rotation)), "downloadable": .bool(source.isDownloadable),
                "timestamp_source": .string(source.timestampSource.rawValue),
                "pts": ["start_time": .number(source.startTime)],
            ],
            "location": specification.location, "autorestart": autorestartObject,
            "version": .integer(Int64(version)), "create_time": .string(createTime.rfc3339),
            "status": .integer(Int64(status.rawValue)), "last_error": lastError.map { shown($0, .sentence) } ?? .null,
            "groups": .array(groups.map(JSONValue.string)),
            "analytics": .array(
                specification.analytics.map {
                    [
                        "analytic_name": .string($0.name),
                        "parameters": showsSecrets ? $0.parameters : $0.parameters.withoutSecrets,
                    ]
                }),
        ]
    }
    private var autorestartObject: JSONValue {
        let policy = specification.autorestart
        return [
            "restart": policy.isAllowed ? 1 : 0, "attempt_count": .integer(Int64(policy.attemptCount)),
            "delay": .integer(Int64(policy.delay)), "current_attempt": .integer(Int64(autorestart.currentAttempt)),
            "last_attempt_time": autorestart.lastAttemptTime.map { .string($0.rfc3339) } ?? .null,
            "status": .string(autorestart.status.rawValue),
        ]
    }
}
