/// Values by path, where a path may hold parameters: `/6/streams/{stream_id}`.
///
/// A component that is spelled out comes before a parameter in its place. Empty components do not count, so `/6//streams/`
/// is `/6/streams`.
struct PathTree<Value: Sendable>: Sendable {
    private var children: [Substring: PathTree] = [:]
    /// What follows any other component; one at most.
    private var parameter: [PathTree] = []
    private var value: Value?

    subscript(path: Substring) -> Value? { find(path.split(separator: "/")[...]) }

    private func find(_ path: ArraySlice<Substring>) -> Value? {
        guard let first = path.first else { return value }
        let rest = path.dropFirst()
        return children[first]?.find(rest) ?? parameter.first?.find(rest)
    }

    mutating func add(_ value: Value, at path: String) { add(value, at: path.split(separator: "/")[...]) }

    private mutating func add(_ value: Value, at path: ArraySlice<Substring>) {
        guard let first = path.first else {
            precondition(self.value == nil, "one path has two values")
            self.value = value
            return
        }
        if first.isParameter {
            if parameter.isEmpty { parameter = [PathTree()] }
            parameter[0].add(value, at: path.dropFirst())
        } else {
            children[first, default: PathTree()].add(value, at: path.dropFirst())
        }
    }
}

extension Substring {
    /// `{stream_id}`
    var isParameter: Bool { hasPrefix("{") && hasSuffix("}") }
}
