import HTTPTypes
import Logging
import NIOCore

/// Answers that are made below the responder. They have all the same what all our answers have: the form of a door, a request
/// id, CORS, a count, and a line in the log.
extension Edge {
    /// To bytes that are no HTTP, or more of it than a request line and headers may have.
    func answerToUnreadable() -> Answer { lastWord(.unreadable, "Unreadable request", .info) }
    /// To a head of which a part came in time.
    func answerToSlowHead() -> Answer {
        lastWord(.requestTooSlow(after: listener.headTimeout), "Request head did not come in time", .debug)
    }
    /// To a connection for which there is no place. `Admission` sums these up for the log.
    func answerToTooMany() -> Answer {
        lastWord(.tooManyConnections(limit: listener.connectionLimit), "Connection turned away", .debug)
    }

    private func lastWord(_ refusal: Refusal, _ message: Logger.Message, _ level: Logger.Level) -> Answer {
        let id = RequestID()
        var answer = doors.root.answer(to: refusal)
        answer.headers[.contentLength] = "\(answer.body.readableBytes)"
        answer.headers[.requestID] = id.description
        listener.addCrossOrigin(to: &answer.headers, for: nil)
        logger.log(
            level: level, message,
            metadata: [HTTPLogKey.requestID: "\(id)", HTTPLogKey.status: "\(answer.status.code)"])
        metrics.record(nil, nil, answer.status, in: .zero)
        return answer
    }
}
