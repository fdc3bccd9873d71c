import Foundation

/// The id of a block: 1 to 64 bytes, which both alphabets of Base64 write (RFC 4648 §4, §5).
struct BlockID: Hashable, Sendable {
    static let longest = 64
    let bytes: [UInt8]

    init?(base64 text: some StringProtocol) {
        var plain = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        while plain.last == "=" { plain.removeLast() }
        // Within it Foundation takes some.
        guard !plain.contains("=") else { return nil }
        plain += String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: plain), !data.isEmpty else { return nil }
        bytes = Array(data)
    }
    init?(hex: some StringProtocol) {
        let digits = hex.compactMap(\.hexDigitValue)
        guard digits.count == hex.count, digits.count % 2 == 0 else { return nil }
        bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
    var hex: String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
    var base64: String { Data(bytes).base64EncodedString() }
}

/// Which blocks become a blob, in their order.
struct BlockList: Hashable, Sendable {
    /// Among which blocks one is looked for.
    enum Kind: String, Sendable {
        case committed = "Committed"
        case uncommitted = "Uncommitted"
        /// Those that were not put together yet first.
        case latest = "Latest"
    }
    struct Entry: Hashable, Sendable {
        let kind: Kind
        let id: BlockID
    }
    var entries: [Entry] = []

    /// - Parameter xml: `<BlockList><Latest>id</Latest>…</BlockList>`, with or without a declaration.
    /// - Throws: `StorageError`.
    init(xml: [UInt8]) throws {
        var rest = Substring(String(decoding: xml, as: UTF8.self))
        func skipSpace() { rest = rest.drop { $0.isWhitespace || $0 == "\u{FEFF}" } }
        func take(_ text: String) -> Bool {
            guard rest.hasPrefix(text) else { return false }
            rest = rest.dropFirst(text.count)
            return true
        }
        skipSpace()
        if rest.hasPrefix("<?xml") {
            guard let end = rest.firstRange(of: "?>") else { throw StorageError.badXML }
            rest = rest[end.upperBound...]
            skipSpace()
        }
        if take("<BlockList/>") || take("<BlockList />") {
            skipSpace()
            guard rest.isEmpty else { throw StorageError.badXML }
            return
        }
        guard take("<BlockList>") else { throw StorageError.badXML }
        while true {
            skipSpace()
            if take("</BlockList>") { break }
            guard take("<"), let kind = Kind(rawValue: String(rest.prefix { $0 != ">" })), take("\(kind.rawValue)>")
            else { throw StorageError.badXML }
            let text = rest.prefix { $0 != "<" }
            rest = rest[text.endIndex...]
            guard take("</\(kind.rawValue)>") else { throw StorageError.badXML }
            guard let id = BlockID(base64: text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
                throw StorageError.badBlockList
            }
            entries.append(Entry(kind: kind, id: id))
        }
        skipSpace()
        guard rest.isEmpty else { throw StorageError.badXML }
    }
}
