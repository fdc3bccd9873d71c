public import Foundation

/// Who owns streams and may ask for them.
public struct Account: Hashable, Sendable, Identifiable {
    /// `account_type` on the wire.
    public enum Kind: String, Sendable, CaseIterable {
        /// Sees its own objects only.
        case user
        /// Reads everybody's, changes its own.
        case advancedUser = "advanced_user"
        /// Reads everybody's, changes its own, creates accounts.
        case admin

        /// Whether objects of other accounts may be read.
        public var seesAllAccounts: Bool { self != .user }
    }
    public let id: UUID
    public var login: String
    public var kind: Kind
    public var description: String
    public let createTime: Date
    public var lastUpdateTime: Date

    public init(id: UUID, login: String, kind: Kind, description: String, createTime: Date, lastUpdateTime: Date) {
        (self.id, self.login, self.kind, self.description) = (id, login, kind, description)
        (self.createTime, self.lastUpdateTime) = (createTime, lastUpdateTime)
    }

    /// `^[a-z0-9_\-\.]+@[a-z]+\.[a-z]{2,}$`, 3 to 128 characters.
    public static func isValid(login: String) -> Bool {
        guard (3...128).contains(login.utf8.count) else { return false }
        let parts = login.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return false }
        let domain = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
        func isLocal(_ byte: UInt8) -> Bool {
            isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "_-.".utf8.contains(byte)
        }
        return parts[0].allSatisfy(isLocal) && domain.count == 2 && !domain[0].isEmpty && domain[1].count >= 2
            && domain.joined().allSatisfy(isLetter)
    }
    /// 3 to 128 characters, none of them a line break.
    public static func isValid(password: String) -> Bool {
        (3...128).contains(password.unicodeScalars.count) && !password.unicodeScalars.contains("\n")
    }
}

/// What somebody wants to be different about an account; `nil` stays as it is.
public struct AccountChange: Hashable, Sendable {
    public var login: String?
    public var password: String?
    public var kind: Account.Kind?
    public var description: String?
    public init(
        login: String? = nil, password: String? = nil, kind: Account.Kind? = nil, description: String? = nil
    ) {
        (self.login, self.password, self.kind, self.description) = (login, password, kind, description)
    }
}
