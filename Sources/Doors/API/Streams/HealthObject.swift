import JSON
import Records
import Streams

extension StreamHealth {
    /// The object `health` of a stream (`docs/contract/streams.md §3.6`); `nil` when it is well.
    var wire: JSONValue? {
        troubles.isEmpty ? nil : ["reasons": .array(troubles.map(\.wire))]
    }
}

extension StreamHealth.Trouble {
    fileprivate var wire: JSONValue {
        var members: [String: JSONValue] = [
            "reason": .string(reason.rawValue), "message": .string(reason.sentence), "since": .string(since.rfc3339),
        ]
        if let attempt { members["attempt"] = .integer(Int64(attempt)) }
        if let lastError { members["last_error"] = .string(Redaction.redacted(lastError)) }
        return .object(members)
    }
}
