import Testing

@testable import Records

/// Whoever sends a text decides what is in it, and must not decide how long we read.
struct RedactionWorkTests {
    /// What is repeated, and what stands before and behind.
    private static let texts: [(before: String, part: String, behind: String)] = [
        ("GET /", "a=", "%41"), ("http://h/?", "a=b&", ""), ("/a=b", "%25", "41"), ("/", "a=%2525252541", "%41"),
        ("/?", "token", "=x"), ("/?", "token=", "x"), ("/", "token=a?", "x"), ("/", "token=a;b", ""), ("", "st=1#", ""),
        ("", "code=1&", ""), ("", "token=\"a", ""), ("", "token='", ""), ("", "= ", "="), ("", " \"", "=x"),
        ("", "http://", "@"), ("", "http://a:1/", "@h"), ("", "http://a.b:1/", "@h"), ("", "http://a:1/ ", "@h"),
        ("", "http%3A%2F%2Fa:1", "@h"), ("", "http:%252F/a:", "@h"), ("", "//", "@"), ("", "a@", ""), ("", "a:@", "//"),
        ("http://h/", "token/", ""), ("http://h/", "key/", "x"), ("", "authorization:", "\n"), ("", "%", ""),
        ("", "%2", "5"), ("http://h/?", "u=http%3A%2F%2Fa%3Ab%40c&", ""),
    ]

    @Test(arguments: [Redaction.Kind.address, .sentence, .prose, .header, .path]) func theWorkGrowsWithTheText(
        kind: Redaction.Kind
    ) {
        for text in Self.texts {
            let short = Self.work(text, times: 60, as: kind), long = Self.work(text, times: 480, as: kind)
            #expect(long < 12 * short, "\(text.part): \(short) letters are read, and \(long) of eight times as many")
        }
    }

    /// How often a letter is read.
    private static func work(
        _ text: (before: String, part: String, behind: String), times: Int, as kind: Redaction.Kind
    ) -> Int {
        let source = Array((text.before + String(repeating: text.part, count: times) + text.behind).utf8)
        let reads = Reads()
        let letters = DecodedLetters(Counted(inner: source, reads: reads))
        _ = Redaction.secrets(in: Counted(inner: letters, reads: reads), as: kind)
        return reads.count
    }
}

private final class Reads { var count = 0 }

/// A text that counts who reads it.
private struct Counted<Inner: RandomAccessCollection<UInt8>>: RandomAccessCollection where Inner.Index == Int {
    let inner: Inner
    let reads: Reads
    var startIndex: Int { inner.startIndex }
    var endIndex: Int { inner.endIndex }
    subscript(index: Int) -> UInt8 {
        reads.count += 1
        return inner[index]
    }
}
extension Counted: Letters where Inner: Letters {
    func level(at index: Int) -> Int { inner.level(at: index) }
}
