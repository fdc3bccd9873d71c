import HTTPEdge
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

    init(_ headers: HTTPFields, in context: EdgeContext) {
        if let authorization = headers[.authorization] {
            self = .authorization(authorization)
        } else if let token = Self.cookie(.token, in: headers, context) {
            self = .cookie(token)
        } else if let secret = Self.cookie(.session, in: headers, context) {
            self = .session(secret)
        } else {
            self = headers[.accountID].map(Credentials.accountID) ?? .none
        }
    }
    private static func cookie(_ kind: CookieKind, in headers: HTTPFields, _ context: EdgeContext) -> String? {
        guard let cookies = headers[.cookie] else { return nil }
        let name = kind.name(in: context)
        for pair in cookies.split(separator: ";") {
            let parts = pair.trimmingPrefix(while: { $0 == " " }).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[0] == name, !parts[1].isEmpty { return String(parts[1]) }
        }
        return nil
    }
}

/// A cookie that is a credential.
enum CookieKind: String {
    case token = "sightline_token"
    case session = "sightline_session"

    /// Browsers keep cookies of a host whatever the port: each daemon has its own.
    func name(in context: EdgeContext) -> String { rawValue + context.cookieSuffix }
}

extension HTTPField.Name {
    static let accountID = Self("Luna-Account-Id")!
    /// Which the console's own scripts send, and no form, link or picture of another page.
    static let console = Self("X-Sightline-Console")!
}
