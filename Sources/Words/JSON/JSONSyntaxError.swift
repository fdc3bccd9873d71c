/// Why bytes were refused as JSON, and where.
public struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Problem: Hashable, Sendable {
        /// The document ends in the middle of something.
        case unexpectedEnd
        /// Something else stands here than the grammar allows: a comma before a closing bracket, a comment, a second document.
        case unexpectedByte(UInt8)
        /// A member's name occurs twice in one object, so that readers could differ about its value.
        case duplicateKey(String)
        /// Arrays and objects lie deeper in each other than `JSONValue.nestingLimit`.
        case nestedTooDeeply
        case notUTF8
        /// A control character that is not escaped.
        case controlCharacter(UInt8)
        /// A backslash followed by what is no escape, or half a surrogate pair.
        case badEscape
        /// Beyond what a `Double` holds.
        case numberTooLarge
    }
    public let problem: Problem
    /// Bytes before the place.
    public let offset: Int
    public init(_ problem: Problem, at offset: Int) { (self.problem, self.offset) = (problem, offset) }

    public var description: String { "\(sentence) at byte \(offset)" }
    private var sentence: String {
        switch problem {
        case .unexpectedEnd: "The document ends too early"
        case .unexpectedByte(let byte) where (0x21...0x7e).contains(byte):
            "Unexpected '\(Character(Unicode.Scalar(byte)))'"
        case .unexpectedByte: "Unexpected byte"
        case .duplicateKey(let key): "The key '\(key)' is there twice"
        case .nestedTooDeeply: "Nested deeper than \(JSONValue.nestingLimit)"
        case .notUTF8: "A string is not UTF-8"
        case .controlCharacter: "A control character should be escaped"
        case .badEscape: "Bad escape sequence"
        case .numberTooLarge: "The number is too large"
        }
    }
}
