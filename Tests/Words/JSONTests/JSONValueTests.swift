import Foundation
import JSON
import Testing

struct JSONValueTests {
    @Test(
        arguments: [
            ("null", JSONValue.null), ("true", .bool(true)), ("false", .bool(false)), ("1", .integer(1)),
            ("0", .integer(0)),
            ("-7", .integer(-7)), ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("1.5", .number(1.5)), ("1e-3", .number(0.001)), ("\"1\"", .string("1")), ("\"\"", .string("")),
            ("[]", .array([])),
            ("{}", .emptyObject), (#""\u00e9\ud83d\ude00""#, .string("é😀")),
            ("[true,1,1.5,\"true\",null]", [true, 1, 1.5, "true", nil]),
        ] as [(String, JSONValue)])
    func everyKindOfValueIsReadAsItself(text: String, expected: JSONValue) throws {
        #expect(try JSONValue(parsing: Data(text.utf8)) == expected)
    }

    @Test func truthAndNumbersAreNeverTakenForEachOther() throws {
        let value = try JSONValue(parsing: Data("[true, 1, false, 0]".utf8))
        #expect(value == .array([.bool(true), .integer(1), .bool(false), .integer(0)]))
        #expect(value.text == "[true,1,false,0]")
        #expect(value != .array([.integer(1), .integer(1), .integer(0), .integer(0)]))
        #expect(JSONValue.bool(true).integer == nil && JSONValue.bool(true).double == nil)
        #expect(JSONValue.integer(1).bool == nil && JSONValue.string("1").integer == nil)
    }

    @Test(arguments: [
        "{\"a\":[1,1.25,true,false,null,\"x\"],\"b\":{\"c\":-1}}", "[0.1,12345678.9,1e+300]", "\"a/b\"",
        "9223372036854775807",
    ])
    func aDocumentWrittenAndReadAgainIsTheSame(text: String) throws {
        let value = try JSONValue(parsing: Data(text.utf8))
        #expect(try JSONValue(parsing: value.data) == value)
        #expect(value.text == text)
    }

    @Test func keysAreSortedSoThatEqualValuesGiveEqualBytes() throws {
        let a = try JSONValue(parsing: Data(#"{"b": 1, "a": {"z": 1, "y": 2}}"#.utf8))
        #expect(a.text == #"{"a":{"y":2,"z":1},"b":1}"#)
    }

    @Test(arguments: [(JSONValue.integer(3), Int64(3)), (.number(3), 3), (.number(-2), -2)] as [(JSONValue, Int64)])
    func aWholeNumberIsAnIntegerHoweverItIsWritten(value: JSONValue, expected: Int64) {
        #expect(value.integer == expected)
    }

    @Test(arguments: [JSONValue.number(1.5), .number(1e300), .number(.nan), .null, .string("3"), .bool(false)])
    func whatIsNoWholeNumberIsNoInteger(value: JSONValue) { #expect(value.integer == nil) }

    @Test(arguments: ["", "{", "nul", "01", "'a'", "\u{0}", "[1] 2", "NaN", "{\"a\" 1}"])
    func textThatIsNotJSONIsRefused(text: String) {
        #expect(throws: (any Error).self) { try JSONValue(parsing: Data(text.utf8)) }
    }
    @Test func nestingWithoutEndIsRefusedAndDoesNotCrash() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: (any Error).self) { try JSONValue(parsing: Data(text.utf8)) }
        let closed = String(repeating: "[", count: 20_000) + String(repeating: "]", count: 20_000)
        #expect(throws: (any Error).self) { try JSONValue(parsing: Data(closed.utf8)) }
    }
    @Test func bytesThatAreNotUTF8AreRefused() {
        #expect(throws: (any Error).self) { try JSONValue(parsing: Data([0x22, 0xFF, 0xC0, 0x22])) }
    }
    @Test func aNumberThatJSONCannotWriteDoesNotSpoilTheDocument() {
        #expect(JSONValue.object(["a": .number(.nan), "b": 1]).text == #"{"a":null,"b":1}"#)
        #expect(JSONValue.array([.number(.infinity), .number(-.infinity)]).text == "[null,null]")
    }
}
