import Foundation
import JSON
import Records
import Streams

extension RegisteredStream {
    /// The stream object as its owner wrote it, which nobody is shown.
    var withSecrets: JSONValue {
        var writer = JSONWriter()
        write(to: &writer, showsSecrets: true)
        return writer.document.value
    }

    /// The stream object of `docs/contract/streams.md §3.6`: all keys always there, secrets hidden, and `privacy` where there is one.
    ///
    /// It is written at once, not put together as a value first: that took most of the time of a page of a thousand.
    /// - Parameter health: of the stream's latest run; shown while it runs and all is not well.
    func write(to writer: inout JSONWriter, health: StreamHealth? = nil, showsSecrets: Bool = false) {
        func shown(_ text: String, _ kind: Redaction.Kind) -> String {
            showsSecrets ? text : Redaction.redacted(text, as: kind)
        }
        writer.object {
            $0.key("account_id")
            $0.id(accountID)
            $0.key("analytics")
            $0.array(specification.analytics) { writer, analytic in
                writer.object {
                    $0.key("analytic_name")
                    $0.string(analytic.name)
                    $0.key("parameters")
                    $0.text(showsSecrets ? analytic.parametersText : analytic.parametersText.withoutSecrets)
                }
            }
            $0.key("autorestart")
            writeAutorestart(to: &$0)
            $0.key("create_time")
            $0.time(createTime)
            $0.key("data")
            write(specification.source, showsSecrets: showsSecrets, to: &$0)
            $0.key("description")
            $0.string(shown(specification.description, .prose))
            $0.key("groups")
            $0.array(groups) { $0.string($1) }
            if status == .inProgress, let health = health?.wire {
                $0.key("health")
                $0.text(JSONText(health))
            }
            $0.key("last_error")
            if let lastError { $0.string(shown(lastError, .sentence)) } else { $0.null() }
            $0.key("location")
            $0.text(showsSecrets ? specification.locationText : specification.locationText.withoutSecrets)
            $0.key("name")
            $0.string(shown(specification.name, .prose))
            if let privacy = specification.privacy {
                $0.key("privacy")
                $0.text(JSONText(privacy.wire))
            }
            $0.key("status")
            $0.integer(status.rawValue)
            $0.key("stream_id")
            $0.id(id)
            $0.key("version")
            $0.integer(version)
        }
    }
    private func write(_ source: SourceSpecification, showsSecrets: Bool, to writer: inout JSONWriter) {
        writer.object {
            if let authorization = source.authorization {
                let data: JSONValue = ["authorization": authorization.wire]
                $0.key("authorization")
                $0.text(JSONText((showsSecrets ? data : data.withoutSecrets)["authorization"] ?? .null))
            }
            $0.key("downloadable")
            $0.bool(source.isDownloadable)
            $0.key("pts")
            $0.object {
                $0.key("start_time")
                $0.number(source.startTime)
            }
            $0.key("reference")
            $0.string(showsSecrets ? source.reference : Redaction.redacted(source.reference, as: .address))
            $0.key("rotation")
            $0.integer(source.rotation)
            $0.key("timestamp_source")
            $0.string(source.timestampSource.rawValue)
            $0.key("type")
            $0.string(source.kind.rawValue)
        }
    }
    private func writeAutorestart(to writer: inout JSONWriter) {
        let policy = specification.autorestart
        writer.object {
            $0.key("attempt_count")
            $0.integer(policy.attemptCount)
            $0.key("current_attempt")
            $0.integer(autorestart.currentAttempt)
            $0.key("delay")
            $0.integer(policy.delay)
            $0.key("last_attempt_time")
            if let time = autorestart.lastAttemptTime { $0.time(time) } else { $0.null() }
            $0.key("restart")
            $0.integer(policy.isAllowed ? 1 : 0)
            $0.key("status")
            $0.string(autorestart.status.rawValue)
        }
    }
}
