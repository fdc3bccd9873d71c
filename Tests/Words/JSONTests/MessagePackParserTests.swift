import Foundation
import JSON
import Testing

struct MessagePackParserTests {
    @Test(
        arguments: [
            nil, true, false, 0, 127, 128, 255, 256, 65_535, 65_536, 4_294_967_296, -1, -32, -33, -129, -32_769,
            -2_147_483_649, .integer(.max), .integer(.min), .number(1.5), "", "ā",
            .string(String(repeating: "a", count: 70_000)), [], [1, ["a": []]],
            .array((0..<70_000).map { .integer($0) }), ["b": 1, "a": nil],
        ] as [JSONValue])
    func whatIsWrittenComesBack(value: JSONValue) throws {
        #expect(try JSONValue(messagePack: value.messagePack) == value)
    }

    @Test func bytesBecomeBase64AndSinglesNumbers() throws {
        #expect(try JSONValue(messagePack: [0xc4, 3, 1, 2, 3]) == "AQID")
        #expect(try JSONValue(messagePack: [0xc5, 0, 3, 1, 2, 3]) == "AQID")
        #expect(try JSONValue(messagePack: [0xc6, 0, 0, 0, 3, 1, 2, 3]) == "AQID")
        #expect(try JSONValue(messagePack: [0xca, 0x3f, 0xc0, 0, 0]) == .number(1.5))
        #expect(
            try JSONValue(messagePack: [0xcf] + [UInt8](repeating: 0xff, count: 8))
                == .number(18_446_744_073_709_551_615))
    }

    @Test(
        arguments: [
            ([], .unexpectedEnd), ([0xc4, 3, 1], .unexpectedEnd), ([0x92, 1], .unexpectedEnd),
            ([0xdd, 0xff, 0xff, 0xff, 0xff], .unexpectedEnd), ([0xc6, 0xff, 0xff, 0xff, 0xff], .unexpectedEnd),
            ([0x81], .unexpectedEnd), ([1, 2], .moreThanOne), ([0xc1], .unknownKind(0xc1)),
            ([0xd4, 1, 2], .unknownKind(0xd4)), ([0xa1, 0xff], .notUTF8), ([0x81, 1, 2], .badKey),
            ([0x81, 0xc4, 1, 0x61, 2], .badKey), ([0x82, 0xa1, 0x61, 1, 0xa1, 0x61, 2], .duplicateKey("a")),
            ([0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0], .notFinite),
            ([UInt8](repeating: 0x91, count: 129) + [1], .nestedTooDeeply),
        ] as [([UInt8], MessagePackError)])
    func whatIsNoDocumentIsRefused(bytes: [UInt8], error: MessagePackError) throws {
        #expect(throws: error) { try JSONValue(messagePack: bytes) }
    }

    @Test func itMayBeAsDeepAsJSON() throws {
        let bytes = [UInt8](repeating: 0x91, count: JSONValue.nestingLimit) + [1]
        #expect(try JSONValue(messagePack: bytes).messagePack == bytes)
    }
}
