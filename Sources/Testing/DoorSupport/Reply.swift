public import Foundation
public import JSON

/// An HTTP answer, taken apart.
public struct Reply: Sendable {
    /// What came is no HTTP answer.
    public struct Unreadable: Error { let bytes: String }

    public let status: Int
    /// Names in lower case.
    public let headers: [String: String]
    public let body: Data

    public init(_ bytes: Data) throws {
        let end = bytes.firstRange(of: Data("\r\n\r\n".utf8))
        let head = String(decoding: bytes[..<(end?.lowerBound ?? bytes.startIndex)], as: UTF8.self)
        let lines = head.components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard let end, words.count > 1, let status = Int(words[1]) else {
            throw Unreadable(bytes: String(decoding: bytes, as: UTF8.self))
        }
        self.status = status
        headers = Dictionary(
            lines.dropFirst().map { line in
                let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                return (parts[0].lowercased(), parts.count < 2 ? "" : parts[1].trimmingCharacters(in: .whitespaces))
            }, uniquingKeysWith: { "\($0), \($1)" })
        let rest = Data(bytes[end.upperBound...])
        body = headers["transfer-encoding"] == "chunked" ? try Self.joined(rest) : rest
    }
    /// What comes in chunks (RFC 9112 §7.1), put together; the last one must be there.
    private static func joined(_ chunks: Data) throws -> Data {
        var body = Data(), rest = chunks[...]
        while let end = rest.firstRange(of: Data("\r\n".utf8)),
            let size = Int(String(decoding: rest[..<end.lowerBound], as: UTF8.self), radix: 16)
        {
            guard size > 0 else { return body }
            guard end.upperBound + size + 2 <= rest.endIndex else { break }
            body += rest[end.upperBound..<end.upperBound + size]
            rest = rest[(end.upperBound + size + 2)...]
        }
        throw Unreadable(bytes: String(decoding: chunks, as: UTF8.self))
    }

    public var json: JSONValue { get throws { try JSONValue(parsing: body) } }
}
