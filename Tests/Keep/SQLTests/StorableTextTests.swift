import SQL
import Testing

struct StorableTextTests {
    private static func bytes(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        StorableText.append(text, to: &bytes)
        return bytes
    }
    /// All texts of up to four characters of those that mean something, and two that do not.
    private static let texts: [String] = {
        let characters = ["\u{0}", "\u{1}", "\u{2}", "\u{3}", "a", "é"]
        var texts = [""], last = [""]
        for _ in 0..<4 {
            last = last.flatMap { text in characters.map { text + $0 } }
            texts += last
        }
        return texts
    }()

    @Test func comesBackWithoutAZero() {
        for text in Self.texts {
            let bytes = Self.bytes(text)
            #expect(!bytes.contains(0) && bytes.withUnsafeBytes { StorableText.decoded($0) } == text)
            #expect(Array(StorableText.encoded(text).utf8) == bytes)
            #expect(StorableText.decoded(StorableText.encoded(text)) == text)
        }
    }
    @Test func keepsItsOrderAndItsDifferences() {
        let sorted = Self.texts.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }.map(Self.bytes)
        #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
    }
    @Test func isPartOfAnotherExactlyWhenItWas() {
        let parts = Self.texts.filter { (1...2).contains($0.unicodeScalars.count) }
        let wholes = Self.texts.filter { $0.unicodeScalars.count == 3 }
        let isSame = parts.allSatisfy { part in
            wholes.allSatisfy { whole in
                whole.utf8.contains(part.utf8) == Self.bytes(whole).contains(Self.bytes(part))
            }
        }
        #expect(isSame)
    }
    @Test(arguments: ["\u{1}", "\u{1}\u{2}", "a\u{1}", "\u{1}aa", "\u{2}\u{3}"])
    func whatSomebodyElseWroteIsLeftAsItIs(text: String) {
        #expect(Array(text.utf8).withUnsafeBytes { StorableText.decoded($0) } == text)
    }
}
