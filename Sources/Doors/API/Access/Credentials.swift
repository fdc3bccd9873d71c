import HTTPTypes

/// What a request says about who makes it. `Authorization` comes before the cookie, and that before `Luna-Account-Id`.
enum Credentials: Sendable {
    case authorization(String)
    /// From the cookie that `POST /6/login` sets.
    case cookie(String)
    case accountID(String)
    case none

    static let cookieName = "sightline_token"

    init(_ headers: HTTPFields) {
        if let authorization = headers[.authorization] {
            self = .authorization(authorization)
        } else if let token = headers[.cookie].flatMap(Self.token(inCookie:)) {
            self = .cookie(token)
        } else {
            self = headers[.accountID].map(Credentials.accountID) ?? .none
        }
    }
    private static func token(inCookie header: String) -> String? {
        for pair in header.split(separator: ";") {
            let parts = pair.trimmingPrefix(while: { $0 == " " }).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, parts[0] == cookieName, !parts[1].isEmpty { return String(parts[1]) }
        }
        return nil
    }
}

extension HTTPField.Name {
    static let accountID = Self("Luna-Account-Id")!
}
