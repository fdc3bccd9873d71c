public import Foundation

/// Which streams are meant. All conditions must hold; `nil` is no condition.
public struct StreamFilter: Hashable, Sendable {
    /// `nil`: streams of every account.
    public var accountID: UUID?
    public var ids: [UUID]?
    /// Ids compare as their lower-case text does.
    public var idAtLeast: UUID?
    public var idBelow: UUID?
    public var names: [String]?
    public var reference: String?
    public var statuses: [StreamStatus]?
    public var createdAtOrAfter: Date?
    public var createdBefore: Date?
    /// Streams in the group of this name.
    public var groupName: String?
    public init(accountID: UUID? = nil) { self.accountID = accountID }
}

/// Which log records are meant, in the same manner.
public struct StreamLogFilter: Hashable, Sendable {
    public var accountID: UUID?
    public var streamIDs: [UUID]?
    public var statuses: [StreamStatus]?
    public var atOrAfter: Date?
    public var before: Date?
    public init(accountID: UUID? = nil) { self.accountID = accountID }
}

/// Which part of a long list.
public struct Page: Hashable, Sendable {
    /// From 1.
    public var number: Int
    /// `1...1000`.
    public var size: Int
    public init(number: Int = 1, size: Int = 10) { (self.number, self.size) = (number, size) }

    public var limit: Int { size }
    /// Saturates, so that a page number of 2^62 is a page past the end and not an overflow.
    public var offset: Int {
        let (offset, isTooFar) = (number - 1).multipliedReportingOverflow(by: size)
        return isTooFar ? .max : offset
    }
}
