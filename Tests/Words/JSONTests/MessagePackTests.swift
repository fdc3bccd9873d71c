import Foundation
import Testing

@testable import JSON

struct MessagePackTests {
    private static func text(_ count: Int) -> JSONValue { .string(String(repeating: "a", count: count)) }
    private static func list(_ count: Int) -> JSONValue { .array((0..<count).map { _ in .null }) }

    /// Each form where it begins and where it ends.
    @Test(
        arguments: [
            (nil, [0xc0]), (true, [0xc3]), (false, [0xc2]), (0, [0]), (127, [0x7f]), (128, [0xcc, 0x80]),
            (255, [0xcc, 0xff]), (256, [0xcd, 1, 0]), (65_535, [0xcd, 0xff, 0xff]), (65_536, [0xce, 0, 1, 0, 0]),
            (4_294_967_295, [0xce, 0xff, 0xff, 0xff, 0xff]), (4_294_967_296, [0xcf, 0, 0, 0, 1, 0, 0, 0, 0]),
            (-1, [0xff]), (-32, [0xe0]), (-33, [0xd0, 0xdf]), (-128, [0xd0, 0x80]), (-129, [0xd1, 0xff, 0x7f]),
            (-32_768, [0xd1, 0x80, 0]), (-32_769, [0xd2, 0xff, 0xff, 0x7f, 0xff]),
            (-2_147_483_649, [0xd3, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff]),
            (.number(1.5), [0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]), (.number(3), [3]), (.number(.nan), [0xc0]),
            ("ā", [0xa2, 0xc4, 0x81]), ([1, []], [0x92, 1, 0x90]),
            (["b": 1, "a": nil], [0x82, 0xa1, 0x61, 0xc0, 0xa1, 0x62, 1]),
        ] as [(JSONValue, [UInt8])])
    func eachValueHasItsShortestForm(value: JSONValue, bytes: [UInt8]) {
        #expect(value.messagePack == bytes)
    }

    @Test(
        arguments: [
            (text(31), [0xbf]), (text(32), [0xd9, 32]), (text(255), [0xd9, 255]), (text(256), [0xda, 1, 0]),
            (text(65_536), [0xdb, 0, 1, 0, 0]), (list(15), [0x9f]), (list(16), [0xdc, 0, 16]),
            (list(65_536), [0xdd, 0, 1, 0, 0]),
        ] as [(JSONValue, [UInt8])])
    func longerOnesSayTheirLengthInMoreBytes(value: JSONValue, head: [UInt8]) {
        #expect(Array(value.messagePack.prefix(head.count)) == head)
    }

    @Test(arguments: [0, 15, 16, 70_000])
    func whatIsPutTogetherFromPartsIsAsWhatIsWrittenAtOnce(count: Int) {
        let items = (0..<count).map { JSONValue.integer(Int64($0)) }
        let list = MessagePack.array(of: items.map(\.messagePack))
        #expect(list == JSONValue.array(items).messagePack)
        let whole: JSONValue = ["a": .array(items), "b": "text"]
        #expect(
            MessagePack.object(of: [("a", list), ("b", JSONValue.string("text").messagePack)]) == whole.messagePack)
    }
}
