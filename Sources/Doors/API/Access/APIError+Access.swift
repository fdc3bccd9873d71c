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
    static let noCredentials = APIError(
        status: .forbidden, code: 12010, description: badInput,
        detail: "This resource needs 'Authorization' authorization headers")
    static let badAccountHeader = APIError(
        status: .badRequest, code: 11037, description: badInput,
        detail: "Luna-Account-Id header is not UUID, format: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
}
