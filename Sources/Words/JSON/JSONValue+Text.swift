public import Foundation

extension JSONValue {
    /// How deep arrays and objects may lie in each other in a document that is read.
    public static let nestingLimit = 128

    /// Reads one JSON document, strictly: see `JSONSyntaxError` for what is refused.
    public init(parsing data: Data) throws(JSONSyntaxError) { try self.init(parsing: Array(data)) }
    public init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
        var parser = JSONParser(bytes)
        self = try parser.document()
    }

    /// The document in one line as UTF-8, keys sorted, slashes as they are; the same value always gives the same bytes.
    /// A number that JSON cannot write (NaN, infinity) becomes `null`.
    public var bytes: [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }
    public var data: Data { Data(bytes) }
    public var text: String { String(decoding: bytes, as: UTF8.self) }
}
