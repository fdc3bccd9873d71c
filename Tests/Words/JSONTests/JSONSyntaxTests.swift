import Foundation
import JSON
import Testing

struct JSONSyntaxTests {
    private static func problem(_ bytes: [UInt8]) -> JSONSyntaxError? {
        do {
            _ = try JSONValue(parsing: bytes)
            return nil
        } catch { return error }
    }
    private static func problem(_ text: String) -> JSONSyntaxError? { problem(Array(text.utf8)) }

    @Test(
        arguments: [
            ("", .unexpectedEnd, 0), (" \t\r\n", .unexpectedEnd, 4), ("{", .unexpectedEnd, 1),
            ("[1", .unexpectedEnd, 2), (#"{"a""#, .unexpectedEnd, 4), (#"{"a":"#, .unexpectedEnd, 5),
            (#""a"#, .unexpectedEnd, 2), (#""\"#, .unexpectedEnd, 2), (#""\u00"#, .unexpectedEnd, 5),
            ("-", .unexpectedEnd, 1), ("1.", .unexpectedEnd, 2), ("1e", .unexpectedEnd, 2), ("1e+", .unexpectedEnd, 3),
            ("tru", .unexpectedEnd, 3),
            ("[1,]", .unexpectedByte(UInt8(ascii: "]")), 3), (#"{"a":1,}"#, .unexpectedByte(UInt8(ascii: "}")), 7),
            ("[,1]", .unexpectedByte(UInt8(ascii: ",")), 1), ("{,}", .unexpectedByte(UInt8(ascii: ",")), 1),
            ("[1 2]", .unexpectedByte(UInt8(ascii: "2")), 3), ("[1] 2", .unexpectedByte(UInt8(ascii: "2")), 4),
            ("{a:1}", .unexpectedByte(UInt8(ascii: "a")), 1), ("{'a':1}", .unexpectedByte(UInt8(ascii: "'")), 1),
            (#"{"a" 1}"#, .unexpectedByte(UInt8(ascii: "1")), 5), (#"{1:1}"#, .unexpectedByte(UInt8(ascii: "1")), 1),
            ("[1}", .unexpectedByte(UInt8(ascii: "}")), 2), (#"{"a":1]"#, .unexpectedByte(UInt8(ascii: "]")), 6),
            ("01", .unexpectedByte(UInt8(ascii: "1")), 1), ("+1", .unexpectedByte(UInt8(ascii: "+")), 0),
            (".5", .unexpectedByte(UInt8(ascii: ".")), 0), ("1.e1", .unexpectedByte(UInt8(ascii: "e")), 2),
            ("-x", .unexpectedByte(UInt8(ascii: "x")), 1), ("0x10", .unexpectedByte(UInt8(ascii: "x")), 1),
            ("NaN", .unexpectedByte(UInt8(ascii: "N")), 0), ("Infinity", .unexpectedByte(UInt8(ascii: "I")), 0),
            ("True", .unexpectedByte(UInt8(ascii: "T")), 0), ("nul1", .unexpectedByte(UInt8(ascii: "1")), 3),
            ("1 // one", .unexpectedByte(UInt8(ascii: "/")), 2), ("\u{feff}1", .unexpectedByte(0xef), 0),
            ("\u{a0}1", .unexpectedByte(0xc2), 0), ("\u{0}", .unexpectedByte(0), 0),
            (#"{"a":1,"b":2,"a":1}"#, .duplicateKey("a"), 13), (#"[{"":1,"":2}]"#, .duplicateKey(""), 7),
            (#"{"a":1,"\u0061":1}"#, .duplicateKey("a"), 7),
            ("\"a\nb\"", .controlCharacter(0x0a), 2), ("\"\u{0}\"", .controlCharacter(0), 1),
            (#""\x""#, .badEscape, 1), (#""\u12g4""#, .badEscape, 5), (#""\ud800""#, .badEscape, 1),
            (#""\ud800x""#, .badEscape, 1), (#""\ud800\n""#, .badEscape, 1), (#""\ud800\u0041""#, .badEscape, 1),
            (#""\udc00""#, .badEscape, 1), ("1e999", .numberTooLarge, 0), ("[-1e999]", .numberTooLarge, 1),
        ] as [(String, JSONSyntaxError.Problem, Int)])
    func whatTheGrammarDoesNotAllowIsRefusedByPlaceAndKind(text: String, problem: JSONSyntaxError.Problem, offset: Int)
    {
        #expect(Self.problem(text) == JSONSyntaxError(problem, at: offset))
    }

    @Test(
        arguments: [
            [0xff], [0xc0, 0xaf], [0xc3], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x80], [0xe2, 0x82],
            [0x5c, 0x6e, 0xff],  // behind an escape
        ] as [[UInt8]])
    func aStringThatIsNotUTF8IsRefused(inside: [UInt8]) {
        #expect(Self.problem([0x22] + inside + [0x22]) == JSONSyntaxError(.notUTF8, at: 1))
        #expect(Self.problem([0x7b, 0x22] + inside + Array(#"":1}"#.utf8)) == JSONSyntaxError(.notUTF8, at: 2))
    }

    @Test func nestingIsAllowedUpToTheLimit() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        var value = try JSONValue(parsing: Array(nested(JSONValue.nestingLimit).utf8)), depth = 0
        while case .array(let items) = value {
            depth += 1
            guard let inner = items.first else { break }
            value = inner
        }
        #expect(depth == JSONValue.nestingLimit)
        #expect(
            Self.problem(nested(JSONValue.nestingLimit + 1))
                == JSONSyntaxError(.nestedTooDeeply, at: JSONValue.nestingLimit))
        let objects = String(repeating: #"{"a":"#, count: 129) + "1" + String(repeating: "}", count: 129)
        #expect(Self.problem(objects)?.problem == .nestedTooDeeply)
        // Side by side is not inside each other.
        #expect(
            try JSONValue(parsing: Array("[\(Array(repeating: "[]", count: 1000).joined(separator: ","))]".utf8)).array?
                .count == 1000)
    }

    @Test(
        arguments: [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"), (#""\u0041\u00e9\u20AC\uD83D\ude00""#, "Aé€😀"),
            (#""\u0000\u007f""#, "\u{0}\u{7f}"), (#""a\u0301""#, "a\u{301}"),
            ("\"\u{10ffff}é\u{2028}\"", "\u{10ffff}é\u{2028}"),
            (#""Caf\u00e9 😀 bar""#, "Café 😀 bar"),
        ])
    func stringsAreReadWithTheirEscapes(text: String, expected: String) throws {
        let value = try JSONValue(parsing: Array(text.utf8))
        #expect(value.string?.unicodeScalars.elementsEqual(expected.unicodeScalars) == true)
    }

    @Test(
        arguments: [
            ("0", .integer(0)), ("-0", .integer(0)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("0.0", .number(0)), ("1.0", .number(1)), ("1E2", .number(100)), ("1e-2", .number(0.01)),
            ("-1.5e+3", .number(-1500)), ("1e-999", .number(0)), ("0e5", .number(0)),
            ("123456789012345678901234567890", .number(1.2345678901234568e29)),
        ] as [(String, JSONValue)])
    func numbersAreReadByTheGrammar(text: String, expected: JSONValue) throws {
        #expect(try JSONValue(parsing: Array(text.utf8)) == expected)
        #expect(try JSONValue(parsing: Array("[ \(text)\n]".utf8)) == .array([expected]))
    }

    @Test func everyControlCharacterIsWrittenSoThatItCanBeRead() throws {
        for scalar in (0...0x7f as ClosedRange<UInt8>).map(Unicode.Scalar.init) {
            let value = JSONValue.object(["a\(Character(scalar))": .string("\(Character(scalar))b")])
            #expect(!value.bytes.contains { $0 < 0x20 })
            #expect(try JSONValue(parsing: value.bytes) == value)
        }
        #expect(
            JSONValue.string("\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}é").text
                == #""\"\\/\b\f\n\r\t\u0000\u001f\#u{7f}é""#)
    }

    @Test(
        arguments: [
            (0.1, "0.1"), (3.0, "3"), (-0.0, "0"), (-3.0, "-3"), (1e15, "1000000000000000"), (1e16, "1e+16"),
            (.leastNonzeroMagnitude, "5e-324"),
            (.greatestFiniteMagnitude, "1.7976931348623157e+308"), (1.0 / 3, "0.3333333333333333"),
        ] as [(Double, String)])
    func aNumberIsWrittenShortAndReadAsTheSame(number: Double, text: String) throws {
        #expect(JSONValue.number(number).text == text)
        #expect(try JSONValue(parsing: Array(text.utf8)).double == number)
    }

    /// Any cut of a document is refused, and any change of one byte is either refused or read: neither crashes.
    @Test func damagedDocumentsAreRefusedOrRead() throws {
        let document = Array(#"{"a":[1,-2.5e3,true,false,null,"x\u00e9\n"],"b":{"c":"é😀"}}"#.utf8)
        _ = try JSONValue(parsing: document)
        for length in document.indices { #expect(Self.problem(Array(document[..<length])) != nil) }
        for index in document.indices {
            for byte in UInt8.min ... .max {
                var damaged = document
                damaged[index] = byte
                if let value = try? JSONValue(parsing: damaged) {
                    #expect(try JSONValue(parsing: value.bytes).bytes == value.bytes)
                }
            }
        }
    }

    @Test func anErrorSaysWhatIsWrongAndWhere() {
        #expect(Self.problem("[1,]")?.description == "Unexpected ']' at byte 3")
        #expect(Self.problem(#"{"a":1,"a":2}"#)?.description == "The key 'a' is there twice at byte 7")
    }
}
