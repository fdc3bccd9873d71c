public import Logging
import Records

/// Hides secrets in all that is logged, whoever writes it, before it goes on to another handler.
public struct RedactingLogHandler: LogHandler {
    private var inner: any LogHandler
    public init(_ inner: any LogHandler) { self.inner = inner }

    public var logLevel: Logger.Level {
        get { inner.logLevel }
        set { inner.logLevel = newValue }
    }
    public var metadataProvider: Logger.MetadataProvider? {
        get { inner.metadataProvider }
        set { inner.metadataProvider = newValue }
    }
    public var metadata: Logger.Metadata {
        get { inner.metadata }
        set { inner.metadata = newValue.mapValues(Self.redacted) }
    }
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { inner[metadataKey: key] }
        set { inner[metadataKey: key] = newValue.map(Self.redacted) }
    }

    public func log(event: LogEvent) {
        var event = event
        event.message = "\(Redaction.redacted(event.message.description))"
        event.metadata = event.metadata?.mapValues(Self.redacted)
        if let error = event.error {
            event.metadata = (event.metadata ?? [:]).merging(["error": .string(Redaction.redacted("\(error)"))]) { $1 }
            event.error = nil
        }
        inner.log(event: event)
    }

    private static func redacted(_ value: Logger.Metadata.Value) -> Logger.Metadata.Value {
        switch value {
        case .string(let text): .string(Redaction.redacted(text))
        case .stringConvertible(let value): .string(Redaction.redacted(value.description))
        case .array(let values): .array(values.map(redacted))
        case .dictionary(let values): .dictionary(values.mapValues(redacted))
        }
    }
}
