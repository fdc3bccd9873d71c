import Foundation

/// The query of a link with what its client has put behind it. Each pair is parted at its first `=`, since ids of blocks end in some.
struct StorageQuery: Sendable {
    private var values: [String: String] = [:]

    /// - Parameter target: path and query. Of two of one name the first counts.
    init(_ target: String) {
        guard let mark = target.firstIndex(of: "?") else { return }
        for pair in target[mark...].dropFirst().split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0]).removingPercentEncoding ?? String(parts[0])
            let value = parts.count > 1 ? String(parts[1]) : ""
            if values[name] == nil { values[name] = value.removingPercentEncoding ?? value }
        }
    }
    subscript(name: String) -> String? { values[name] }
}
