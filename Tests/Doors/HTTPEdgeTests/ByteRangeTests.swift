import HTTPTypes
import Testing

@testable import HTTPEdge

struct ByteRangeTests {
    @Test(arguments: [
        ("bytes=0-9", ByteRange.part(0..<10)), ("bytes=90-", .part(90..<100)), ("bytes=-10", .part(90..<100)),
        ("bytes=0-", .part(0..<100)), ("bytes=99-200", .part(99..<100)), ("bytes=-200", .part(0..<100)),
        ("Bytes= 5-6", .part(5..<7)), ("bytes=5-5", .part(5..<6)),
        ("bytes=100-", .unsatisfiable), ("bytes=200-300", .unsatisfiable), ("bytes=-0", .unsatisfiable),
        ("bytes=9-5", .whole), ("bytes=0-1,5-6", .whole), ("bytes=-", .whole), ("bytes=", .whole), ("bytes", .whole),
        ("lines=0-1", .whole), ("bytes=a-b", .whole), ("bytes=0x1-2", .whole), ("bytes=1-2-3", .whole),
        ("bytes=99999999999999999999-", .whole), ("bytes=+1-2", .whole),
    ])
    func oneRangeOfBytesIsReadAndAnythingElsePassedOver(text: String, expected: ByteRange) {
        #expect(ByteRange([.range: text], size: 100, tag: "\"a\"") == expected)
    }

    @Test func withoutARangeItIsAll() {
        #expect(ByteRange([:], size: 100, tag: "\"a\"") == .whole)
        #expect(ByteRange([.range: "bytes=0-"], size: 0, tag: "\"a\"") == .unsatisfiable)
    }

    @Test func aRangeOfAnotherStateIsAll() {
        #expect(ByteRange([.range: "bytes=0-1", .ifRange: "\"a\""], size: 100, tag: "\"a\"") == .part(0..<2))
        for other in ["\"b\"", "W/\"a\"", "Sun, 06 Nov 1994 08:49:37 GMT"] {
            #expect(ByteRange([.range: "bytes=0-1", .ifRange: other], size: 100, tag: "\"a\"") == .whole)
        }
    }
}
