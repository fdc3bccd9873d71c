import Foundation
import HTTPEdge
import JSON
import Records
import Store

// How a place in a scope goes over the wire: as a number where it is one of an account's, else as a text that nobody need understand.
extension RecordScope {
    private static let opaquePrefix = "all:"

    func cursor(at place: Int64) -> JSONValue { account == nil ? .string(cursorText(at: place)) : .integer(place) }
    func cursorText(at place: Int64) -> String {
        guard account == nil else { return "\(place)" }
        return Data("\(Self.opaquePrefix)\(place)".utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
    /// `nil` for what is no cursor of such a scope.
    func place(ofCursor text: String) -> Int64? {
        var number = text
        if account == nil {
            let padding = String(repeating: "=", count: (4 - text.count % 4) % 4)
            let base64 = text.replacing("-", with: "+").replacing("_", with: "/") + padding
            guard let data = Data(base64Encoded: base64), let plain = String(data: data, encoding: .utf8),
                plain.hasPrefix(Self.opaquePrefix)
            else { return nil }
            number = String(plain.dropFirst(Self.opaquePrefix.count))
        }
        guard !number.isEmpty, number.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(number)
    }

    /// The place behind which a feed begins.
    /// - Parameter text: a cursor; `now` is the latest record.
    /// - Throws: for what is no cursor, also for one behind the latest record, which no reader was ever told.
    func place(after text: String, in store: Store) async throws -> Int64 {
        let last = try await store.lastRecord(of: self)
        if text == "now" { return last }
        if account == nil, text == "0" { return 0 }
        guard let place = place(ofCursor: text), place <= last else { throw Refusal.badQuery("after") }
        return place
    }
}
