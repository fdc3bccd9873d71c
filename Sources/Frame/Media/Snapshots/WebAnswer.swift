import CFFmpeg

/// What a web server answers.
struct WebAnswer: Sendable {
    let status: Int
    /// Names in lower case, in their order.
    let fields: [(name: String, value: String)]
    fileprivate(set) var body: [UInt8] = []
    /// Whether the connection can be asked again: the server leaves it open, and all of the answer, and nothing else, has come.
    fileprivate(set) var leavesConnection: Bool

    /// Of several fields of that name the first.
    subscript(name: String) -> String? { all(name).first }
    func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
}

/// Reads the answer to one GET (RFC 9112); only of 200 the body. What breaks off, or is none, is `interrupted`.
struct WebAnswerReader {
    /// In bytes, of all heads together: others may come before the one that counts.
    private static let longestHead = 64 << 10
    private static let longestSizeLine = 1 << 10

    private let limit: Int
    private let more: () throws(MediaError) -> [UInt8]?
    private var bytes: [UInt8] = [], position = 0
    private var headLeft = longestHead

    /// - Parameters:
    ///   - limit: bytes that the body may have.
    ///   - more: blocks for what comes next, at least one byte; `nil` at the end.
    init(limit: Int, more: @escaping () throws(MediaError) -> [UInt8]?) { (self.limit, self.more) = (limit, more) }

    mutating func answer() throws(MediaError) -> WebAnswer {
        var answer = try head()
        while (100..<200).contains(answer.status) { answer = try head() }
        var isWhole = answer.status == 304
        if answer.status == 200 { isWhole = try takeBody(of: &answer) }
        answer.leavesConnection = answer.leavesConnection && isWhole && position == bytes.count
        return answer
    }

    private mutating func head() throws(MediaError) -> WebAnswer {
        var start = try headLine()
        while start.isEmpty { start = try headLine() }
        let words = start.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else { throw .noAnswer }
        var fields: [(name: String, value: String)] = []
        while true {
            let line = try headLine()
            if line.isEmpty { break }
            // Values go back to the server.
            guard let colon = line.firstIndex(of: ":"), !line.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 }) else {
                continue
            }
            let value = line[line.index(after: colon)...].drop { $0.isWhitespace }
            fields.append((line[..<colon].lowercased(), String(value.trimmedAtEnd)))
        }
        var answer = WebAnswer(status: status, fields: fields, leavesConnection: words[0] != "HTTP/1.0")
        if answer.all("connection").contains(where: { $0.lowercased().contains("close") }) {
            answer.leavesConnection = false
        }
        return answer
    }

    /// - Returns: whether it has come to the end that the server told.
    private mutating func takeBody(of answer: inout WebAnswer) throws(MediaError) -> Bool {
        if answer["transfer-encoding"]?.lowercased().contains("chunked") == true {
            while true {
                let digits = try line(atMost: Self.longestSizeLine).prefix { $0.isHexDigit }
                guard let size = Int(digits, radix: 16) else { throw .noAnswer }
                if size == 0 { break }
                try take(size, into: &answer.body)
                _ = try line(atMost: Self.longestSizeLine)
            }
            // The empty line behind the last piece may be on its way: it is passed over before the next answer.
            let rest = bytes[position...]
            guard rest.elementsEqual("\r\n".utf8.prefix(rest.count)) else { return false }
            position = bytes.count
            return true
        }
        if let length = answer["content-length"] {
            guard let length = Int(length), length >= 0 else { throw .noAnswer }
            try take(length, into: &answer.body)
            return true
        }
        repeat {
            try take(bytes.count - position, into: &answer.body)
        } while try fill()
        return false
    }

    /// A line without its end, of the part before a body.
    private mutating func headLine() throws(MediaError) -> String {
        let line = try line(atMost: headLeft)
        headLeft -= line.utf8.count + 1
        return line
    }

    private mutating func line(atMost longest: Int) throws(MediaError) -> String {
        while true {
            let rest = bytes[position...]
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                position = end + 1
                let line = rest[..<end]
                return String(decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
            }
            guard rest.count < longest, try fill() else { throw .noAnswer }
        }
    }

    private mutating func take(_ count: Int, into body: inout [UInt8]) throws(MediaError) {
        guard count <= limit - body.count else { throw .tooLarge(limit: limit) }
        var left = count
        while left > 0 {
            if position == bytes.count, !(try fill()) { throw .noAnswer }
            let part = bytes[position...].prefix(left)
            body += part
            position += part.count
            left -= part.count
        }
    }

    /// Returns false at the end.
    private mutating func fill() throws(MediaError) -> Bool {
        guard let next = try more() else { return false }
        bytes.removeFirst(position)
        position = 0
        bytes += next
        return true
    }
}

extension MediaError {
    /// What came is no answer, or no whole one.
    static let noAnswer = interrupted(FFmpegStatus(rawValue: sl_error_invalid_data))
}

extension Substring {
    fileprivate var trimmedAtEnd: Substring {
        var text = self
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
