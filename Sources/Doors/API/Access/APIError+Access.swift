import HTTPTypes

// Who asks.
extension APIError {
    private static func unauthorized(_ detail: String, scheme: String = "Basic realm='login:password'") -> APIError {
        APIError(
            status: .unauthorized, code: 11065, description: "Authorization failed", detail: detail,
            headers: [.wwwAuthenticate: scheme])
    }
    static let badBasicHeader = unauthorized("Bad format basic authorization header")
    static let wrongCredentials = unauthorized("Account login or password are incorrect")
    static let badToken = unauthorized("Specified token corrupted", scheme: "Bearer")
    /// Not looked at: passwords were tried too fast. To the client it is a wrong one, with a hint when to come again.
    static func tooManyLogins(retryAfter wait: Duration) -> APIError {
        var error = wrongCredentials
        error.headers[.retryAfter] = wait.wholeSeconds
        return error
    }
    static let onlyToken = unauthorized("Only token is allowed for this action", scheme: "Bearer")
    static let unusableToken = forbidden(11062, "Specified token corrupted")
    static let closedToTokens = forbidden(
        11064, "Access to the resource is denied using authorization by token")
    static func missingRight(_ action: String, _ object: String) -> APIError {
        forbidden(
            11059,
            "Request denied due to token restrictions, required '\(action)' permission for '\(object)'")
    }
    private static func withoutCredentials(_ detail: String) -> APIError {
        APIError(status: .forbidden, code: 12010, description: badInput, detail: detail)
    }
    static let noCredentials = withoutCredentials("This resource needs 'Authorization' authorization headers")
    /// A browser's cookie came with what another page may have made the browser ask.
    static let sessionDoesNotCount = withoutCredentials(
        "A session counts for its own pages only: with the header 'X-Sightline-Console: 1' where something is changed, and with their origin"
    )
    /// Not of the scheme Basic, for which browsers ask with a window of their own.
    static func wrongSignIn(retryAfter wait: Duration? = nil) -> APIError {
        var error = wait.map { tooManyLogins(retryAfter: $0) } ?? wrongCredentials
        error.headers[.wwwAuthenticate] = sessionScheme
        return error
    }
    static let wrongCode = unauthorized("The code is not known, was used or has expired", scheme: sessionScheme)
    private static let sessionScheme = "Session"
    static let badAccountHeader = APIError(
        status: .badRequest, code: 11037, description: badInput,
        detail: "Luna-Account-Id header is not UUID, format: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
}
