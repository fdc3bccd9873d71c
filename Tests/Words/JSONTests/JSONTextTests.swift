import JSON
import Testing

struct JSONTextTests {
    @Test(
        arguments: [
            [], [1], [[]], [["a", ["b": [1, 2]]], ["c", nil]], ["a,b", "[", #"\""#, #"\\"#, "}"],
            [true, 1.5, ["x": "]"]],
        ] as [JSONValue])
    func theItemsOfAnArrayAreFoundWithoutReadingThem(array: JSONValue) throws {
        let items = try #require(JSONText(array).items)
        #expect(items.map(\.value) == array.array)
        #expect(items.map(\.text) == array.array?.map(\.text))
    }

    @Test(arguments: ["{}", "1", "", "[", "[1", "[[1]", "[1]]", "[\"a]"])
    func whatIsNoArrayHasNoItems(text: String) { #expect(JSONText(written: text).items == nil) }

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
