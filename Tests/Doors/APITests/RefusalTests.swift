import HTTPEdge
import HTTPTypes
import JSON
import Testing

@testable import API

struct RefusalTests {
    @Test(
        arguments: [
            (.badQuery("page"), 400, 12012, "Bad/incomplete input data", "Bad query parameters 'page'"),
            (
                .badBody(JSONViolation(path: "data.type", message: "Field required")), 400, 12022,
                "Bad/incomplete input data",
                "Failed to validate input json. Path: 'data.type', message: 'Field required'"
            ),
            (.notJSON, 400, 12002, "Bad/incomplete input data", "Request does not contain json"),
            (.badContentType, 400, 12017, "Bad/incomplete input data", "Bad content type"),
            (.badHandshake, 400, 12017, "Bad/incomplete input data", "Bad content type"),
            (
                .notAnUpgrade, 426, 12017, "Bad/incomplete input data",
                "This resource is a WebSocket; the request should be an upgrade to it, in version 13"
            ),
            (
                .upgradeWithBody, 400, 12017, "Bad/incomplete input data", "A request for a WebSocket can have no body"
            ),
            (.unreadable, 400, 12012, "Bad/incomplete input data", "Bad HTTP request"),
            (.pageNotFound, 404, 12013, "Resource not found", "Page not found"),
            (.methodNotAllowed(allow: "GET"), 405, 12021, "Method not allowed", "Method not allowed"),
            (
                .requestTooSlow(after: .seconds(60)), 408, 37002, "Request timeout",
                "Service did not receive a complete request message within 60 seconds"
            ),
            (.bodyTooLarge, 413, 37003, "Payload too large", "Request payload is too large"),
            (.unsupportedMediaType, 415, 12024, "Unsupported media type", "Bad/incomplete input data"),
            (.internalError, 500, 11009, "Internal server error", "Internal server error"),
        ] as [(Refusal, Int, Int, String, String)])
    func everyRefusalHasItsCodeAndWords(
        refusal: Refusal, status: Int, code: Int, description: String, detail: String
    ) {
        let error = APIError(refusal)
        #expect(error.status.code == status && error.code == code)
        #expect(error.description == description && error.detail == detail)
        #expect(error.headers.isEmpty)
    }
}
