/// What a client would like to get, by its `Accept` header (RFC 9110 §12.5.1).
struct AcceptHeader {
    private struct Range {
        let type, subtype: Substring
        let quality: Double
    }
    private let ranges: [Range]

    /// - Parameter text: `nil`: anything is fine. What is no media range in it counts for nothing.
    init(_ text: String?) {
        ranges = (text ?? "*/*").lowercased().split(separator: ",").compactMap { item in
            let parts = item.split(separator: ";").map(Self.trimmed)
            let names = parts.first?.split(separator: "/", omittingEmptySubsequences: false) ?? []
            guard names.count == 2 else { return nil }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            return Range(type: names[0], subtype: names[1], quality: quality)
        }
    }
    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0 == " " || $0 == "\t" }
        return start.prefix { $0 != " " && $0 != "\t" }
    }

    /// Of `offers` (`text/html`) the one that is liked best, the first of equals; `nil` when none is acceptable.
    func best(of offers: [String]) -> String? {
        var best: (offer: String, quality: Double)?
        for offer in offers {
            let quality = quality(of: offer)
            if quality > best?.quality ?? 0 { best = (offer, quality) }
        }
        return best?.offer
    }
    /// That of the most particular range which covers `offer`.
    private func quality(of offer: String) -> Double {
        let names = offer.split(separator: "/")
        func find(_ type: Substring, _ subtype: Substring) -> Double? {
            ranges.first { $0.type == type && $0.subtype == subtype }?.quality
        }
        return find(names[0], names[1]) ?? find(names[0], "*") ?? find("*", "*") ?? 0
    }
}
