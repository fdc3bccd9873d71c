public import JSON

extension JSONText {
    /// The same document with each secret in it replaced by `***`, as `JSONValue.withoutSecrets` does it. Most documents hold nothing
    /// that could be one, and are not read for it.
    public var withoutSecrets: JSONText { mayHoldSecret ? JSONText(value.withoutSecrets) : self }

    /// Whether there is an address, a parameter of a query, or a part of a name that secrets have. Often it is none all the same.
    var mayHoldSecret: Bool { SecretName.isSuspicious(text.utf8) }
}
