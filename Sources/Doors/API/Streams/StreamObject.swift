import Foundation
import JSON
import Records

extension RegisteredStream {
    /// The stream object of `docs/contract/streams.md §3.6`: all keys always there, passwords hidden.
    var wire: JSONValue {
        let source = specification.source
        return [
            "stream_id": .string(id.wire), "account_id": .string(accountID.wire),
            "name": .string(specification.name), "description": .string(specification.description),
            "data": [
                "type": .string(source.kind.rawValue), "reference": .string(Redaction.redacted(source.reference)),
                "rotation": .integer(Int64(source.rotation)), "downloadable": .bool(source.isDownloadable),
                "timestamp_source": .string(source.timestampSource.rawValue),
                "pts": ["start_time": .number(source.startTime)],
            ],
            "location": specification.location, "autorestart": autorestartObject,
            "version": .integer(Int64(version)), "create_time": .string(createTime.rfc3339),
            "status": .integer(Int64(status.rawValue)), "last_error": lastError.map(JSONValue.string) ?? .null,
            "groups": .array(groups.map(JSONValue.string)),
            "analytics": .array(
                specification.analytics.map {
                    ["analytic_name": .string($0.name), "parameters": $0.parameters.withoutPasswords]
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
