public import JSON

/// One analytic of a stream as its owner wrote it: `analytics[]` on the wire.
public struct AnalyticChoice: Hashable, Sendable {
    public var name: String
    public var parameters: JSONValue
    public init(name: String, parameters: JSONValue = .emptyObject) {
        (self.name, self.parameters) = (name, parameters)
    }
}
