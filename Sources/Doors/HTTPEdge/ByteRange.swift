public import HTTPTypes

/// Which part of something a client wants. Source: RFC 9110 §14.
public enum ByteRange: Hashable, Sendable {
    case whole
    case part(Range<Int>)
    /// None of it is there.
    case unsatisfiable

    /// - Parameters:
    ///   - headers: `Range` and `If-Range`. What is no single range of bytes counts for nothing, as if it were not there.
    ///   - size: of all there is.
    ///   - tag: of it now, with its quotation marks.
    public init(_ headers: HTTPFields, size: Int, tag: String) {
        self = .whole
        guard let text = headers[.range] else { return }
        // Another state of it than the client has seen is sent whole. Dates are never ours.
        if let condition = headers[.ifRange], condition != tag { return }
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bytes" else { return }
        let ends = parts[1].split(separator: "-", omittingEmptySubsequences: false).map { Self.number($0) }
        guard ends.count == 2, ends[0] != .some(nil) || ends[1] != .some(nil) else { return }
        switch (ends[0], ends[1]) {
        case (.none, _), (_, .none): return
        case (.some(let first?), .some(let last)):
            if let last, last < first { return }
            self =
                first < size
                ? .part(first..<min(size, (last ?? size).advanced(by: last == nil ? 0 : 1))) : .unsatisfiable
        case (.some(nil), .some(let count?)):
            self = count > 0 && size > 0 ? .part(max(0, size - count)..<size) : .unsatisfiable
        case (.some(nil), .some(nil)): return
        }
    }
    /// Outer `nil`: no number; inner: nothing there.
    private static func number(_ text: Substring) -> Int?? {
        let text = text.drop { $0 == " " }
        if text.isEmpty { return .some(nil) }
        guard text.utf8.count <= 18, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return .none }
        return .some(Int(text))
    }
}
