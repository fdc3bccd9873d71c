public import Foundation
public import JSON

/// One analytic of a stream as its owner wrote it: `analytics[]` on the wire.
public struct AnalyticChoice: Hashable, Sendable {
    public var name: String
    public var parametersText: JSONText
    public var parameters: JSONValue {
        get { parametersText.value }
        set { parametersText = JSONText(newValue) }
    }
    public init(name: String, parameters: JSONValue = .emptyObject) {
        self.init(name: name, parameters: JSONText(parameters))
    }
    public init(name: String, parameters: JSONText) { (self.name, parametersText) = (name, parameters) }

    /// The handler that is given whom the analytic sees.
    public var handler: UUID? { parameters["parameters"]?["handler_id"]?.string.flatMap(UUID.init(wire:)) }
}
