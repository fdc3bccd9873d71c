import HTTPTypes
import NIOHTTP1

/// The doors of one listener.
struct Doors: Sendable {
    /// Longer prefixes first; the last is that of all other paths.
    private let doors: [Door]

    init(_ doors: [Door]) {
        self.doors = doors.sorted { $0.prefix.count > $1.prefix.count }
        precondition(self.doors.last?.prefix == "", "no door answers for paths that are behind none")
        precondition(Set(doors.map(\.prefix)).count == doors.count, "two doors have one prefix")
    }

    /// The door of paths that no other one answers for, and of what has no path because it is no HTTP.
    var root: Door { doors[doors.count - 1] }
    func door(of path: Substring) -> Door { doors.first { $0.answersFor(path) } ?? root }

    /// The resource that a request line names letter by letter: no other spelling of its path, such as with a slash at the
    /// end, which plain requests may use.
    func resource(named uri: String) -> Resource? {
        let path = uri.prefix { $0 != "?" }
        guard let resource = door(of: path).resources[path], resource.isSpelled(path) else { return nil }
        return resource
    }

    /// Bytes of a body that may come with a request: as its operation declares, the most that any does where there is none.
    func bodyLimit(of head: HTTPRequestHead, standard: Int) -> Int {
        let path = head.uri.prefix { $0 != "?" }
        let operation = door(of: path).resources[path]?.operations.first { $0.method.rawValue == head.method.rawValue }
        if let operation { return operation.body.limit ?? standard }
        return max(standard, doors.compactMap(\.longestBody).max() ?? 0)
    }
}
