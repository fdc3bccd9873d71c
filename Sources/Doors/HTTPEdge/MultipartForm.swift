/// The parts of a body of the type `multipart/form-data`, which share its bytes.
///
/// Sources: RFC 7578, RFC 2046 §5.1.1.
public struct MultipartForm: Sendable {
    public struct Part: Sendable {
        /// Names in lower case.
        public let headers: [String: String]
        /// Of the field.
        public let name: String
        public let fileName: String?
        public let bytes: ArraySlice<UInt8>
    }
    public let parts: [Part]

    /// Parts beyond that are more than anybody sends.
    public static let mostParts = 1000
    private static let lineEnd = Array("\r\n".utf8)

    /// The boundary that a `Content-Type` names; `nil` when it is of another type or names none.
    public static func boundary(in contentType: String) -> String? {
        let parameters = HeaderParameters(contentType)
        guard parameters.value.lowercased() == "multipart/form-data", let boundary = parameters["boundary"],
            (1...70).contains(boundary.utf8.count)
        else { return nil }
        return boundary
    }

    /// - Returns: `nil` when the body is not whole, or one of its parts names no field.
    public init?(_ body: [UInt8], boundary: String) {
        let mark = Array("--\(boundary)".utf8)
        // What stands before the first mark counts for nothing.
        guard var place = Self.find(mark, in: body, from: 0, atLineStart: true) else { return nil }
        var parts: [Part] = []
        while true {
            place += mark.count
            if body[place...].starts(with: Array("--".utf8)) { break }
            guard parts.count < Self.mostParts, let start = Self.endOfLine(body, from: place),
                let next = Self.find(mark, in: body, from: start, atLineStart: true), next - 2 >= start,
                let part = Part(body[start..<next - 2])
            else { return nil }
            parts.append(part)
            place = next
        }
        self.parts = parts
    }

    /// Where the line goes on after blanks that nobody means.
    private static func endOfLine(_ body: [UInt8], from place: Int) -> Int? {
        var place = place
        while place < body.count, body[place] == 0x20 || body[place] == 0x09 { place += 1 }
        return body[place...].starts(with: lineEnd) ? place + 2 : nil
    }
    private static func find(_ mark: [UInt8], in body: [UInt8], from start: Int, atLineStart: Bool) -> Int? {
        guard body.count >= mark.count else { return nil }
        return body.withUnsafeBufferPointer { body in
            mark.withUnsafeBufferPointer { mark -> Int? in
                var place = start
                while place + mark.count <= body.count {
                    guard let found = body[place...].firstIndex(of: mark[0]), found + mark.count <= body.count else {
                        return nil
                    }
                    let isMark = (0..<mark.count).allSatisfy { body[found + $0] == mark[$0] }
                    let isAtStart = found == 0 || found >= 2 && body[found - 2] == 0x0d && body[found - 1] == 0x0a
                    if isMark, isAtStart { return found }
                    place = found + 1
                }
                return nil
            }
        }
    }
}

extension MultipartForm.Part {
    fileprivate init?(_ bytes: ArraySlice<UInt8>) {
        let end = Array("\r\n\r\n".utf8), longest = 16 << 10
        // A part without headers names no field.
        guard let found = bytes.prefix(longest).firstRange(of: end) else { return nil }
        let head = bytes[..<found.lowerBound]
        self.bytes = bytes[found.upperBound...]
        var headers: [String: String] = [:]
        for line in String(decoding: head, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: true) {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            headers[line[..<colon].lowercased()] = String(line[colon...].dropFirst().drop { $0 == " " })
        }
        let disposition = HeaderParameters(headers["content-disposition"] ?? "")
        guard disposition.value.lowercased() == "form-data", let name = disposition["name"] else { return nil }
        (self.headers, self.name, fileName) = (headers, name, disposition["filename"])
    }
}

/// `form-data; name="image"; filename="a.jpg"`.
private struct HeaderParameters {
    let value: String
    private var parameters: [String: String] = [:]

    init(_ text: String) {
        var pieces: [String] = [], piece = "", isQuoted = false, isEscaped = false
        for letter in text {
            if isEscaped {
                piece.append(letter)
                isEscaped = false
            } else if letter == "\\", isQuoted {
                isEscaped = true
            } else if letter == "\"" {
                isQuoted.toggle()
            } else if letter == ";", !isQuoted {
                pieces.append(piece)
                piece = ""
            } else {
                piece.append(letter)
            }
        }
        pieces.append(piece)
        func trimmed(_ text: Substring) -> String {
            var rest = text.drop { $0 == " " || $0 == "\t" }
            while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
            return String(rest)
        }
        value = trimmed(pieces[0][...])
        for piece in pieces.dropFirst() {
            guard let equals = piece.firstIndex(of: "=") else { continue }
            parameters[trimmed(piece[..<equals]).lowercased()] = trimmed(piece[equals...].dropFirst())
        }
    }
    subscript(name: String) -> String? { parameters[name] }
}
