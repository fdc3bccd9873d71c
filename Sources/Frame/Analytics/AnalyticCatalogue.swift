public import JSON

/// One analytic that streams may name.
public struct AnalyticEntry: Sendable {
    /// `^[a-zA-Z0-9_\-]{1,36}$`.
    public let name: String
    public let description: String
    public let version: Int
    public let defaultParameters: JSONValue
    /// JSON Schema of `analytics[].parameters`; `nil` accepts anything.
    public let validationSchema: JSONValue?
    /// Markdown.
    public let documentation: String
    /// The result name under which live messages carry its events (`crowd`, `tracking`).
    public let resultName: String
    /// Makes the analytic of one stream, refusing parameters by path; gives `nil` for one that produces nothing.
    public let prepare: @Sendable (JSONReader) throws(JSONViolation) -> PreparedAnalytic?

    public init(
        name: String, description: String, version: Int, defaultParameters: JSONValue, validationSchema: JSONValue?,
        documentation: String, resultName: String,
        prepare: @escaping @Sendable (JSONReader) throws(JSONViolation) -> PreparedAnalytic?
    ) {
        (self.name, self.description, self.version) = (name, description, version)
        (self.defaultParameters, self.validationSchema) = (defaultParameters, validationSchema)
        (self.documentation, self.resultName, self.prepare) = (documentation, resultName, prepare)
    }
}

/// The analytics this daemon knows.
public struct AnalyticCatalogue: Sendable {
    public let entries: [AnalyticEntry]
    /// What the models that are there can do.
    public let abilities: Abilities
    public init(entries: [AnalyticEntry], abilities: Abilities = Abilities()) {
        (self.entries, self.abilities) = (entries, abilities)
    }
    public subscript(name: String) -> AnalyticEntry? { entries.first { $0.name == name } }

    /// An analytic registered by name only: accepts any parameters and produces nothing.
    public static func noop(name: String) -> AnalyticEntry {
        AnalyticEntry(
            name: name, description: "Accepts any parameters and produces nothing.", version: 1,
            defaultParameters: .emptyObject, validationSchema: nil,
            documentation: "# \(name)\n\nRegistered by a setting; accepts any parameters and produces nothing.\n",
            resultName: name, prepare: { _ in nil })
    }
}
