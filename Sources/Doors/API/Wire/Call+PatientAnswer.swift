import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON

extension Call {
    /// The answer to long work on the JSON document in the body, for a client that waits for it. Whatever the answer is, the connection
    /// is closed after it.
    /// - Parameters:
    ///   - time: after which the client is told that it took too long.
    ///   - work: ends when the client leaves.
    /// - Throws: `APIError`, also for what is wrong with the document; `Refusal`; what else `work` throws.
    func answerPatiently(
        atMost time: Duration, _ work: @escaping @Sendable (JSONReader) async throws -> Response
    ) async throws -> Response {
        do {
            var response = try await patiently(atMost: time, work)
            response.headers[.connection] = "close"
            return response
        } catch let end as PatienceEnd {
            throw APIError(end).closing
        } catch let violation as JSONViolation {
            throw APIError(.badBody(violation)).closing
        } catch {
            throw APIError(error)?.closing ?? error
        }
    }
}

extension APIError {
    fileprivate var closing: APIError {
        var error = self
        error.headers[.connection] = "close"
        return error
    }

    init(_ end: PatienceEnd) {
        self =
            switch end {
            // Nobody reads it; the log and the metrics know it by this.
            case .clientLeft:
                APIError(
                    status: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request"), code: 37001,
                    description: "Internal server error", detail: "The client has left")
            case .timedOut(let time):
                .overloaded(
                    "Service did not process a request within \(time.wholeSeconds) seconds", retryAfter: .seconds(60))
            case .shuttingDown: .overloaded("Service is being stopped", retryAfter: .seconds(10))
            }
    }
}
