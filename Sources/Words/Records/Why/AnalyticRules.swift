public import JSON
public import Scene

/// Which model looks, by the hashes of its files (SHA-256, lower-case hexadecimal).
public struct ModelIdentity: Hashable, Sendable {
    public let name: String
    public let sha256: String
    /// Of its card, which holds its thresholds.
    public let cardSHA256: String
    public init(name: String, sha256: String, cardSHA256: String) {
        (self.name, self.sha256, self.cardSHA256) = (name, sha256, cardSHA256)
    }
}

/// By what an analytic of a stream decides.
public struct AnalyticRules: Sendable {
    /// Of the analytic; the index is its place in the stream.
    public let name: String
    public let index: Int
    /// Its parameters as they are in force, defaults written out. Callbacks are not among them.
    public let parameters: JSONValue
    /// SHA-256 of that, written with its keys in order and without spaces.
    public let parametersSHA256: String
    public let model: ModelIdentity?
    /// Confidences and times that decide who is a person and who is followed, by name.
    public let thresholds: [String: JSONValue]
    /// Which frames it asked for.
    public let rate: Rate
    public init(
        name: String, index: Int, parameters: JSONValue, parametersSHA256: String, model: ModelIdentity?,
        thresholds: [String: JSONValue], rate: Rate
    ) {
        (self.name, self.index, self.parameters, self.parametersSHA256) = (name, index, parameters, parametersSHA256)
        (self.model, self.thresholds, self.rate) = (model, thresholds, rate)
    }

    var members: [String: JSONValue] {
        [
            "analytic": .string(name), "index": .integer(Int64(index)), "parameters": parameters,
            "parameters_sha256": .string(parametersSHA256), "thresholds": .object(thresholds),
            "model": model.map {
                ["name": .string($0.name), "sha256": .string($0.sha256), "card_sha256": .string($0.cardSHA256)]
            } ?? .null,
        ]
    }
}
