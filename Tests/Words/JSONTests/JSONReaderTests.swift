import JSON
import Testing

struct JSONReaderTests {
    static let document: JSONValue = [
        "name": "gate", "count": 3, "share": 0.5, "flag": true, "nothing": nil, "items": [["id": 1], ["id": "x"]],
    ]
    let reader = JSONReader(Self.document)

    /// The violation that `body` throws.
    func violation(_ body: () throws(JSONViolation) -> Void) -> JSONViolation? {
        do { try body() } catch { return error }
        return nil
    }

    @Test func aPathNamesEachMemberAndEachIndex() throws {
        let ids = try reader.required("items").items().map { try $0.required("id") }
        #expect(ids.map(\.path) == ["items.0.id", "items.1.id"])
        #expect(
            violation { () throws(JSONViolation) in _ = try ids[1].integer() }
                == JSONViolation(path: "items.1.id", message: "Input should be a valid integer"))
        let nested = JSONReader(["a": 1], path: "analytics.0.parameters")
        #expect(try nested.required("a").path == "analytics.0.parameters.a")
    }
    @Test func aMissingMemberIsNamedByItsOwnPath() {
        #expect(
            violation { () throws(JSONViolation) in _ = try reader.required("data") }
                == JSONViolation(path: "data", message: "Field required"))
    }
    @Test func theFirstUnknownMemberInAlphabeticalOrderIsNamed() {
        #expect(
            violation { () throws(JSONViolation) in _ = try reader.object(known: ["name", "count", "items"]) }
                == JSONViolation(path: "flag", message: "Extra inputs are not permitted"))
        #expect(
            violation { () throws(JSONViolation) in _ = try JSONReader([1]).object() }
                == JSONViolation(path: "", message: "Input should be a valid dictionary"))
    }
    @Test func anAbsentMemberIsNilAndANullOneIsAValue() throws {
        #expect(try reader.optional("absent")?.value == nil)
        #expect(try reader.optional("nothing")?.value == .null)
    }
    @Test func aBooleanIsNoNumberAndANumberNoBoolean() {
        for number in [JSONValue.integer(1), .integer(0), .string("true"), .null] {
            #expect(
                violation { () throws(JSONViolation) in _ = try JSONReader(number).bool() }?.message
                    == "Input should be a valid boolean")
        }
        for other in [JSONValue.bool(true), .bool(false), .string("1"), .null, .number(1.5)] {
            #expect(
                violation { () throws(JSONViolation) in _ = try JSONReader(other).integer() }?.message
                    == "Input should be a valid integer")
        }
        for other in [JSONValue.bool(true), .string("1"), .number(.nan), .number(.infinity)] {
            #expect(
                violation { () throws(JSONViolation) in _ = try JSONReader(other).number() }?.message
                    == "Input should be a valid number")
        }
    }
    @Test func limitsAreInclusiveAndSaidWithoutNeedlessDecimals() throws {
        #expect(try JSONReader(1).integer(in: 1...5) == 1)
        #expect(try JSONReader(5.0).integer(in: 1...5) == 5)
        #expect(try JSONReader(100).number(in: 0...100) == 100)
        #expect(
            violation { () throws(JSONViolation) in _ = try JSONReader(0).integer(in: 1...5) }?.message
                == "Input should be greater than or equal to 1")
        #expect(
            violation { () throws(JSONViolation) in _ = try JSONReader(100.5).number(in: 0...100) }?.message
                == "Input should be less than or equal to 100")
        #expect(
            violation { () throws(JSONViolation) in _ = try JSONReader(-1).number(in: 0.5...1) }?.message
                == "Input should be greater than or equal to 0.5")
    }
    @Test func lengthsAreCountedInCharactersOfUnicodeAndItems() throws {
        #expect(try JSONReader("gäte").string(maximumLength: 4) == "gäte")
        #expect(
            violation { () throws(JSONViolation) in _ = try JSONReader("gates").string(maximumLength: 4) }?.message
                == "String should have at most 4 characters")
        #expect(
            violation { () throws(JSONViolation) in _ = try JSONReader([]).items(minimum: 1) }?.message
                == "List should have at least 1 item after validation, not 0")
        #expect(
            violation { () throws(JSONViolation) in _ = try JSONReader([1, 2, 3]).items(maximum: 2) }?.message
                == "List should have at most 2 items after validation, not 3")
        #expect(
            violation { () throws(JSONViolation) in _ = try JSONReader([:]).items() }?.message
                == "Input should be a valid list")
    }
    @Test(arguments: [
        (["a"], "Input should be 'a'"), (["a", "b"], "Input should be 'a' or 'b'"),
        (["a", "b", "c"], "Input should be 'a', 'b' or 'c'"),
    ])
    func aWordThatIsNotPermittedIsAnsweredWithThoseThatAre(permitted: [String], message: String) {
        for value in [JSONValue.string("x"), .integer(1), .null] {
            #expect(
                violation { () throws(JSONViolation) in _ = try JSONReader(value).string(oneOf: permitted) }?.message
                    == message)
        }
    }
}
