public import Hummingbird

/// One request that has got to its operation, as the handler sees it.
public struct Call<Caller: Sendable>: Sendable {
    public let caller: Caller
    public let request: Request
    public let context: EdgeContext

    /// A parameter of the path, as it came; `nil` when the path has none of this name.
    public func parameter(_ name: String) -> String? { context.path[name[...]].map(String.init) }
}
