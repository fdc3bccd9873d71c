public import Foundation

extension UUID {
    /// Lower case, as the public API writes ids.
    public var wire: String { uuidString.lowercased() }

    /// An id as the public API writes it: lower case, with hyphens.
    public init?(wire text: String) {
        guard text.utf8.count == 36,
            !text.utf8.contains(where: { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) })
        else { return nil }
        self.init(uuidString: text)
    }
}
