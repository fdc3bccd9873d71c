public import Foundation

/// That somebody was told what a face looks like, or who is alike to whom: a line of the log of who does.
public struct BiometricAccess: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable { case face, attribute, event }
    /// What was done with it.
    public enum Action: String, Sendable, CaseIterable {
        /// A descriptor or basic attributes were given out.
        case read
        /// Those who are alike to it were looked for.
        case search
        /// It was told to be alike to somebody.
        case match
    }
    /// Who asked: an account, by one of its tokens or without.
    public let reader: UUID
    public let token: UUID?
    public let requestID: String
    public let action: Action
    public let kind: Kind
    /// Of the face, attribute or event.
    public let subject: UUID
    /// Whose that is.
    public let accountID: UUID
    public let time: Date
    public init(
        reader: UUID, token: UUID?, requestID: String, action: Action, kind: Kind, subject: UUID, accountID: UUID,
        time: Date
    ) {
        (self.reader, self.token, self.requestID, self.action) = (reader, token, requestID, action)
        (self.kind, self.subject, self.accountID, self.time) = (kind, subject, accountID, time)
    }
}
