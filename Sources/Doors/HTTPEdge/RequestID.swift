import Foundation
import HTTPTypes
import Records

/// Names one request in answers and logs: `<unix seconds, 10 digits>,<uuid>`.
public struct RequestID: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(at now: Date = .now) {
        let seconds = String(Int(now.timeIntervalSince1970))
        let padding = String(repeating: "0", count: max(0, 10 - seconds.count))
        description = "\(padding)\(seconds),\(UUID().wire)"
    }
    /// `nil` for a text of another form, which is then replaced and not repeated.
    init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 10,
            parts[0].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            UUID(wire: String(parts[1])) != nil
        else { return nil }
        description = text
    }
}

extension HTTPField.Name {
    static let requestID = Self("Luna-Request-Id")!
}
