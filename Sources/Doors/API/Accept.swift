import HTTPTypes

/// What a client would like to get (RFC 9110 §12.5.1).
struct Accept {
    private let ranges: [(type: String, quality: Double)]

    /// - Parameter fields: of a request; without `Accept` there is no preference, and `isAbsent` says so.
    init(_ fields: HTTPFields) {
        isAbsent = fields[values: .accept].isEmpty
        ranges = fields[values: .accept].flatMap { $0.split(separator: ",") }.compactMap { text in
            let parts = text.split(separator: ";").map { $0.trimming { $0 == " " || $0 == "\t" }.lowercased() }
            guard let type = parts.first, !type.isEmpty else { return nil }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            return (type, quality)
        }
    }
    /// An empty `Accept` is there, and wants nothing.
    let isAbsent: Bool

    /// The one of `offered` that is wanted most, the first of them among equals; `nil` when none is wanted.
    func preferred(of offered: [String]) -> String? {
        var best: (type: String, quality: Double)?
        for type in offered {
            let quality = quality(of: type)
            if quality > best?.quality ?? 0 { best = (type, quality) }
        }
        return best?.type
    }
    /// Of the most specific range that covers `type`.
    private func quality(of type: String) -> Double {
        let family = "\(type.prefix { $0 != "/" })/*"
        for range in [type, family, "*/*"] {
            if let found = ranges.first(where: { $0.type == range }) { return found.quality }
        }
        return 0
    }
}

extension Substring {
    fileprivate func trimming(_ isDropped: (Character) -> Bool) -> Substring {
        var rest = drop(while: isDropped)
        while let last = rest.last, isDropped(last) { rest.removeLast() }
        return rest
    }
}
