/// A text as whoever follows it reads it: bytes of UTF-8 by their places, what was percent-encoded decoded, however often it was.
protocol Letters: RandomAccessCollection where Element == UInt8, Index == Int, SubSequence == Slice<Self> {
    /// How often the letter at a place was encoded. One that ends something ends only what was encoded as often or more often:
    /// of `?u=http%3A%2F%2Fh%2F%3Ftoken%3Da&x=1` the `&` ends the token, of `?token=a%26b` the `%26` does not.
    func level(at index: Int) -> Int
}

/// The letters of a text, and where in it they come from.
struct DecodedLetters: Letters {
    private var bytes: [UInt8] = []
    /// Both empty where nothing was encoded.
    private var levels: [Int32] = [], starts: [Int] = []
    private let sourceCount: Int

    var startIndex: Int { 0 }
    var endIndex: Int { bytes.count }
    subscript(index: Int) -> UInt8 { bytes[index] }
    func level(at index: Int) -> Int { levels.isEmpty ? 0 : Int(levels[index]) }

    /// Blanks, quotes and angle brackets stay encoded, since they end an address in a sentence when they are not. A `%` that means
    /// no byte stays, too. The work is linear, whatever is nested how deep: each step takes away two letters for good.
    init(_ source: some Collection<UInt8>) {
        sourceCount = source.count
        guard source.contains(UInt8(ascii: "%")) else {
            bytes = Array(source)
            return
        }
        for (place, byte) in source.enumerated() {
            append(byte, level: 0, start: place)
            while let meant = lastEscape {
                let end = bytes.count, level = levels[(end - 3)...].max() ?? 0, start = starts[end - 3]
                bytes.removeLast(3)
                levels.removeLast(3)
                starts.removeLast(3)
                append(meant, level: level + 1, start: start)
            }
        }
    }
    private mutating func append(_ byte: UInt8, level: Int32, start: Int) {
        bytes.append(byte)
        levels.append(level)
        starts.append(start)
    }

    /// What `%41` at the end stands for.
    private var lastEscape: UInt8? {
        let end = bytes.count
        guard end >= 3, bytes[end - 3] == UInt8(ascii: "%"), let high = bytes[end - 2].hexadecimal,
            let low = bytes[end - 1].hexadecimal
        else { return nil }
        let meant = high << 4 | low
        return meant.isBlank || meant.isQuote || "<>".utf8.contains(meant) ? nil : meant
    }

    /// Where a range of letters lies in the text.
    func source(of range: Range<Int>) -> Range<Int> {
        starts.isEmpty ? range : start(of: range.lowerBound)..<start(of: range.upperBound)
    }
    private func start(of index: Int) -> Int { index < starts.count ? starts[index] : sourceCount }
}

extension Letters {
    /// The first place from `start` on of one of `ends` that may end what was encoded `level` times; the end if there is none.
    func end(from start: Int, level: Int, where isEnd: (UInt8) -> Bool) -> Int {
        var index = start
        while index < endIndex, !(isEnd(self[index]) && self.level(at: index) <= level) { index += 1 }
        return index
    }
    /// Where `//` stands first.
    var firstDoubleSlash: Int? {
        var index = startIndex
        while index + 1 < endIndex {
            if self[index] == UInt8(ascii: "/"), self[index + 1] == UInt8(ascii: "/") { return index }
            index += 1
        }
        return nil
    }
}

extension UInt8 {
    /// A space, a tab or an end of line.
    var isBlank: Bool { self == UInt8(ascii: " ") || (0x09...0x0d).contains(self) }
    var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") }
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    /// Of the Latin alphabet.
    var isLetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
    /// 0...15.
    fileprivate var hexadecimal: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
