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
