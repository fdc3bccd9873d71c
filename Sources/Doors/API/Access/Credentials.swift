import HTTPTypes

/// What a request says about who makes it. `Authorization` comes before the cookies, that of a token before that of a session, and both before
/// `Luna-Account-Id`.
enum Credentials: Sendable {
    case authorization(String)
    /// From the cookie that `POST /6/login` sets.
    case cookie(String)
    /// From the cookie that `POST /6/session` sets.
    case session(String)
    case accountID(String)
    case none

    static let cookieName = "sightline_token"
    static let sessionCookieName = "sightline_session"

    init(_ headers: HTTPFields) {
        if let authorization = headers[.authorization] {
            self = .authorization(authorization)
        } else if let token = Self.cookie(Self.cookieName, in: headers) {
            self = .cookie(token)
        } else if let secret = Self.cookie(Self.sessionCookieName, in: headers) {
            self = .session(secret)
        } else {
            self = headers[.accountID].map(Credentials.accountID) ?? .none
        }
    }
    private static func cookie(_ name: String, in headers: HTTPFields) -> String? {
        for pair in (headers[.cookie] ?? "").split(separator: ";") {
            let parts = pair.trimmingPrefix(while: { $0 == " " }).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[0] == name, !parts[1].isEmpty { return String(parts[1]) }
        }
        return nil
    }
}

extension HTTPField.Name {
    static let accountID = Self("Luna-Account-Id")!
    /// Which the console's own scripts send, and no form, link or picture of another page.
    static let console = Self("X-Sightline-Console")!
}
