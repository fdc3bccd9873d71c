public import JSON

extension JSONValue {
    /// The same document with each secret in it replaced by `***`: inside addresses, members by their names, headers by theirs.
    public var withoutSecrets: JSONValue { holdsSecret(as: .plain) ? masked(as: .plain) : self }

    /// What a value is by its place, which says what of it is secret.
    enum Place {
        case plain
        /// A person's words.
        case prose
        /// The members are headers.
        case headers
        /// Under the name of a secret: all of it is one.
        case secret

        static func member(_ name: String, of place: Place, value: JSONValue, in object: [String: JSONValue]) -> Place {
            if place == .secret { return .secret }
            // `[{"name": "X-Api-Key", "value": …}]` under `headers` is another way to write them.
            let header = name == "value" ? object["name"]?.string ?? name : name
            if place == .headers { return SecretName.isSecretHeader(header) ? .secret : .plain }
            switch name {
            case "headers" where value.isContainer: return .headers
            case "name", "description": return .prose
            // `{"name": "X-Api-Key", "value": …}`
            case "value": if let header = object["name"]?.string, SecretName.isSecretHeader(header) { return .secret }
            default: break
            }
            guard SecretName.isSecret(name) else { return .plain }
            // `authorization: {type, login, password}` says itself what is secret in it.
            return value.isContainer && name.lowercased().hasPrefix("auth") ? .plain : .secret
        }
    }

    fileprivate var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }

    /// Whether `masked` would change anything: nearly always not, and then nothing is built anew.
    private func holdsSecret(as place: Place) -> Bool {
        switch self {
        case .string(let text): place == .secret || !Redaction.secrets(in: text, as: place.kind).isEmpty
        case .integer, .number: place == .secret
        case .null, .bool: false
        case .array(let items): items.contains { $0.holdsSecret(as: place) }
        case .object(let members):
            members.contains { $1.holdsSecret(as: .member($0, of: place, value: $1, in: members)) }
        }
    }
    func masked(as place: Place) -> JSONValue {
        switch self {
        case .string(let text):
            .string(place == .secret ? Redaction.mask : Redaction.redacted(text, as: place.kind))
        case .integer, .number: place == .secret ? .string(Redaction.mask) : self
        case .null, .bool: self
        case .array(let items): .array(items.map { $0.masked(as: place) })
        case .object(let members):
            .object(
                Dictionary(
                    uniqueKeysWithValues: members.map { name, value in
                        (name, value.masked(as: .member(name, of: place, value: value, in: members)))
                    }))
        }
    }
}

extension JSONValue.Place {
    var kind: Redaction.Kind { self == .prose ? .prose : .address }
}
