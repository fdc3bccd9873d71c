import JSON

/// What a value in a document is by its place, which says what of it is secret.
enum SecretPlace {
    case plain
    /// A person's words.
    case prose
    /// The members are headers; texts hold some, one a line.
    case headers
    /// Says who asks: all texts are secret but those whose names tell something else.
    case credentials
    /// Under the name of a secret: all of it is one.
    case secret

    var kind: Redaction.Kind {
        switch self {
        case .prose: .prose
        case .headers: .header
        default: .address
        }
    }

    static func member(
        _ name: String, of place: SecretPlace, value: JSONValue, in object: [String: JSONValue]
    ) -> SecretPlace {
        let letters = name.lowercased()
        switch place {
        case .secret: return .secret
        case .credentials where value.holdsText && SecretName.strength(of: name.utf8) != .secret:
            if value.isContainer { return .credentials }
            return publicCredentials.contains(letters) ? .plain : .secret
        default: break
        }
        // `{"name": "X-Api-Key", "value": …}`, also under `headers`, is another way to write them.
        if pairNames.contains(letters), let name = value.string, object.hasPairValue, isPlain(name) { return .plain }
        if pairValues.contains(letters), object.namesSecret { return .secret }
        if letters.hasSuffix("headers") || letters.hasSuffix("header"), value.holdsText { return .headers }
        if place == .headers {
            if SecretName.isSecretHeader(name) || value.string.map(beginsWithScheme) == true { return .secret }
            return value.isContainer ? .headers : .plain
        }
        if letters == "name" || letters == "description" { return .prose }
        switch SecretName.strength(of: name.utf8) {
        case .none: return .plain
        // `authorization: {type, login, password}` says itself what is secret in it.
        case .secret: return value.isContainer && letters.hasPrefix("auth") ? .credentials : .secret
        case let perhaps:
            return value.isContainer || !perhaps.hides((value.string ?? value.text).utf8) ? .plain : .secret
        }
    }

    static func element(_ index: Int, of place: SecretPlace, in items: [JSONValue]) -> SecretPlace {
        switch place {
        case .credentials where !items[index].isContainer: return .secret
        // `["Authorization", "Bearer …"]`
        case .headers where index > 0:
            let isSecret = items[index - 1].string.map { isPlain($0) && SecretName.isSecretHeader($0) } ?? false
            return isSecret || items[index].string.map(beginsWithScheme) == true ? .secret : .headers
        default: return place
        }
    }

    /// Members of credentials that everybody may know.
    private static let publicCredentials: Set<String> = [
        "type", "login", "user", "username", "user_name", "name", "realm", "scheme", "method", "url", "uri", "host",
        "endpoint", "scope", "audience", "issuer", "grant_type", "description",
    ]
    fileprivate static let pairNames: Set<String> = ["name", "key", "header", "field"]
    fileprivate static let pairValues: Set<String> = ["value", "values", "val", "content"]

    /// Whether a text is the name of something, and no secret itself.
    fileprivate static func isPlain(_ name: String) -> Bool {
        name.utf8.count <= 40 && name.utf8.allSatisfy { $0.isLetter || "-_".utf8.contains($0) }
    }
    /// `Bearer …`, `Basic …`: whatever the header is called.
    private static func beginsWithScheme(_ text: String) -> Bool {
        let parts = text.split(separator: " ", maxSplits: 1)
        return parts.count == 2 && ["bearer", "basic", "digest", "token"].contains(parts[0].lowercased())
    }
}

extension [String: JSONValue] {
    fileprivate var hasPairValue: Bool { contains { SecretPlace.pairValues.contains($0.key.lowercased()) } }
    fileprivate var namesSecret: Bool {
        contains {
            SecretPlace.pairNames.contains($0.key.lowercased())
                && $0.value.string.map(SecretName.isSecretHeader) == true
        }
    }
}

extension JSONValue {
    var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }
    /// Whether it is a text or may hold some.
    fileprivate var holdsText: Bool { isContainer || string != nil }
}
