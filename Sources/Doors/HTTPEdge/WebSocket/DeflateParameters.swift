import Foundation

/// What both ends of a WebSocket agreed on about compressed messages: `permessage-deflate`, RFC 7692.
///
/// We ask every client to begin each of its messages anew (`client_no_context_takeover`), so that nothing needs to be kept for
/// clients, who hardly say a word.
struct DeflateParameters: Hashable, Sendable {
    static let name = "permessage-deflate"
    /// Base-2 logarithm of the furthest that a message may refer back: 8...15.
    var windowBits = 15
    /// Each of our messages begins anew, too.
    var startsAnew = false
    /// The window is told only to those who asked for one.
    private var tellsWindow = false

    /// The first offer in `fields` that can be accepted, each a value of `Sec-WebSocket-Extensions`; `nil` when there is none.
    /// An offer with a parameter that is unknown, given twice, or has no value that is good, is passed over (§7.1).
    static func accepted(of fields: [String]) -> DeflateParameters? {
        fields.lazy.flatMap { $0.split(separator: ",") }.compactMap { DeflateParameters(offer: $0) }.first
    }

    private init?(offer: Substring) {
        let parts = offer.split(separator: ";", omittingEmptySubsequences: false).map {
            $0.trimmingCharacters(in: .whitespaces)
        }
        guard parts[0].lowercased() == Self.name else { return nil }
        var seen: Set<String> = []
        for part in parts.dropFirst() {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = halves[0].trimmingCharacters(in: .whitespaces).lowercased()
            let value = halves.count < 2 ? nil : halves[1].trimmingCharacters(in: CharacterSet(charactersIn: " \t\""))
            guard seen.insert(name).inserted else { return nil }
            switch name {
            case "server_no_context_takeover":
                guard value == nil else { return nil }
                startsAnew = true
            case "client_no_context_takeover": guard value == nil else { return nil }
            case "server_max_window_bits":
                guard let bits = value.flatMap(Self.bits) else { return nil }
                (windowBits, tellsWindow) = (bits, true)
            case "client_max_window_bits": guard value == nil || value.flatMap(Self.bits) != nil else { return nil }
            default: return nil
            }
        }
    }
    /// §7.1.2.1: a number without leading zeros.
    private static func bits(_ text: String) -> Int? {
        Int(text).flatMap { (8...15).contains($0) && text == "\($0)" ? $0 : nil }
    }

    /// The value of `Sec-WebSocket-Extensions` in our answer.
    var answer: String {
        var answer = "\(Self.name); client_no_context_takeover"
        if startsAnew { answer += "; server_no_context_takeover" }
        if tellsWindow { answer += "; server_max_window_bits=\(windowBits)" }
        return answer
    }
}
