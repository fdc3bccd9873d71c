import JSON
import Testing

struct JSONTextTests {
    @Test(
        arguments: [
            [], [["a", 1]], [["", []], ["a", ["b": [1, 2]]], ["c", nil]],
            [["a,b", "["], [#"\""#, #"\\"#], ["}", "x\ny"], ["ж\u{1}", #"","#]], [["a", true], ["b", ["x": "]"]]],
        ] as [JSONValue])
    func thePairsOfAnArrayAreFoundWithoutReadingThem(array: JSONValue) throws {
        let pairs = try #require(JSONText(array).pairs)
        #expect(pairs.map(\.name) == array.array?.map { $0.array?[0].string })
        #expect(pairs.map(\.value.text) == array.array?.map { $0.array?[1].text })
        var writer = JSONWriter()
        writer.pairs(pairs)
        #expect(writer.document == JSONText(array))
    }

    @Test(
        arguments: [
            "{}", "1", "", "[", "[1", "[1]", "[[1]", "[[]]", "[1]]", "[\"a]", "[\"a\",1]", "[[\"a\"]]", "[[1,2]]",
            "[[\"a\",1,2]]",
            "[[\"a\",1],]", "[[\"a\",]]", "[[\"a\",1],2]", "[[\"a\\\",1]]",
        ])
    func whatIsNoArrayOfPairsHasNone(text: String) { #expect(JSONText(written: text).pairs == nil) }

    @Test(
        arguments: [
            0, 1, -1, 9, 10, 99, 100, 12_345_678_901, 999_999_999_999_999_999, 1_000_000_000_000_000_000, .max, .min,
        ] as [Int64])
    func wholeNumbersAreWrittenInAllTheirDigits(number: Int64) throws {
        #expect(JSONValue.integer(number).text == number.description)
        #expect(try JSONValue(parsing: JSONValue.number(Double(number)).bytes).double == Double(number))
    }
    @Test func numbersAreWrittenAsShortAsTheyReadTheSame() {
        let numbers = [0.5, -0.0, 3, 1e15, -1e15, 999_999_999_999_999, 1e22, 1e-7, 0.1, .nan, .infinity]
        #expect(
            numbers.map { JSONValue.number($0).text }
                == [
                    "0.5", "0", "3", "1000000000000000", "-1000000000000000", "999999999999999", "1e+22", "1e-07",
                    "0.1",
                    "null", "null",
                ])
    }
    @Test func aLongDocumentGrows() {
        let value: JSONValue = .array((0..<5000).map { ["id": .integer($0), "text": .string("\($0)\n\"x\"\u{1f}")] })
        var writer = JSONWriter(reserving: 0)
        writer.array(value.array ?? []) { $0.text(JSONText($1)) }
        #expect(writer.bytes == value.bytes && (try? JSONValue(parsing: writer.bytes)) == value)
    }

    @Test func aDocumentThatIsWrittenPieceByPieceIsTheSameAsTheValue() {
        var writer = JSONWriter()
        writer.object {
            $0.key("a")
            $0.array([1, 2]) { $0.integer($1) }
            $0.key("b")
            $0.object { _ in }
            $0.key("c")
            $0.string("\"x\"\n")
            $0.key("d")
            $0.object {
                $0.key("e")
                $0.bool(true)
                $0.key("f")
                $0.null()
                $0.key("g")
                $0.number(3)
            }
            $0.key("h")
            $0.text(JSONText(["i": []]))
            $0.key("j")
            $0.array([Int]()) { $0.integer($1) }
        }
        let value: JSONValue = [
            "a": [1, 2], "b": [:], "c": "\"x\"\n", "d": ["e": true, "f": nil, "g": 3.0], "h": ["i": []], "j": [],
        ]
        #expect(writer.bytes == value.bytes)
    }

    @Test func damagedTextIsNull() { #expect(JSONText(written: "{\"a\":").value == .null) }
}
