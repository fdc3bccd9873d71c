public import Foundation

/// What lets somebody in for a while who has said his password: the session of a browser, or a code that begins one.
public struct Session: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Stands for its account until it expires.
        case browser
        /// Begins one session of a browser, if it has not expired.
        case code

        /// Seconds.
        public var lifetime: TimeInterval {
            switch self {
            case .browser: 12 * 3600
            case .code: 3600
            }
        }
    }
    public let accountID: UUID
    public let kind: Kind
    public let expiry: Date

    /// One that begins now.
    public init(of account: UUID, _ kind: Kind, at now: Date = .now) {
        self.init(accountID: account, kind: kind, expiry: now.addingTimeInterval(kind.lifetime))
    }
    public init(accountID: UUID, kind: Kind, expiry: Date) {
        (self.accountID, self.kind, self.expiry) = (accountID, kind, expiry)
    }
}
