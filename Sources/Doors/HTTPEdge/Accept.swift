/// What a client would like to get, by its `Accept` header (RFC 9110 §12.5.1); `Accept-Encoding` is read in the same way.
public struct Accept: Sendable {
    /// `nil`: the client did not say. An empty header is there, and wants nothing.
    private let ranges: [(type: String, quality: Double)]?

    /// - Parameter header: `nil` where there is none. What is no media range in it counts for nothing.
    public init(_ header: String?) {
        ranges = header?.split(separator: ",").compactMap { text in
            let parts = text.split(separator: ";").map { $0.trimmed.lowercased() }
            guard let type = parts.first, !type.isEmpty else { return nil }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            return (type, quality)
        }
    }

    /// The one of `offered` (`text/html`) that is wanted most, the first of them among equals; `nil` when none is wanted.
    /// - Parameter standard: for a client that did not say what it wants.
    public func preferred(of offered: [String], orElse standard: String? = nil) -> String? {
        guard let ranges else { return standard }
        var best: (type: String, quality: Double)?
        for type in offered {
            let quality = Self.quality(of: type, in: ranges)
            if quality > best?.quality ?? 0 { best = (type, quality) }
        }
        return best?.type
    }
    /// Of the most specific range that covers `type`.
    private static func quality(of type: String, in ranges: [(type: String, quality: Double)]) -> Double {
        let family = "\(type.prefix { $0 != "/" })/*"
        for range in [type, family, "*/*"] {
            if let found = ranges.first(where: { $0.type == range }) { return found.quality }
        }
        return 0
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var rest = drop { $0 == " " || $0 == "\t" }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }
}
