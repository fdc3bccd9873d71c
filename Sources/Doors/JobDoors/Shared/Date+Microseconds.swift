import Foundation
import Records

extension Date {
    /// `2026-01-31T12:00:00.699689Z`
    var microseconds: String {
        let whole = timeIntervalSince1970.rounded(.down)
        let fraction = min(999_999, Int(((timeIntervalSince1970 - whole) * 1e6).rounded()))
        let digits = "\(fraction)"
        return Date(timeIntervalSince1970: whole).rfc3339.prefix(19)
            + "." + String(repeating: "0", count: 6 - digits.count) + digits + "Z"
    }
}
