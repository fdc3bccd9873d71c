import Analytics
import JSON
import Pipeline

/// Live messages in the wire form that the analytics define.
@Sendable func renderLive(_ message: LiveMessage) -> [JSONValue] {
    switch message {
    case .updates(let updates): updates.compactMap(LiveWire.message)
    case .analyticError(let resultName, let error): [LiveWire.analyticError(resultName: resultName, error)]
    case .failed(let error): [LiveWire.streamError(error)]
    case .finished: [LiveWire.finished]
    }
}
