public import JSON

extension JSONValue {
    /// The same document with each secret in it replaced by `***`: inside addresses, members by their names, headers by theirs.
    public var withoutSecrets: JSONValue { holdsSecret(as: .plain) ? masked(as: .plain) : self }

    /// Whether `masked` would change anything: nearly always not, and then nothing is built anew.
    private func holdsSecret(as place: SecretPlace) -> Bool {
        switch self {
        case .string(let text): place == .secret || !Redaction.secrets(in: text, as: place.kind).isEmpty
        case .integer, .number: place == .secret
        case .null, .bool: false
        case .array(let items):
            items.indices.contains { items[$0].holdsSecret(as: .element($0, of: place, in: items)) }
        case .object(let members):
            members.contains { name, value in
                !Redaction.secrets(in: name, as: .address).isEmpty
                    || value.holdsSecret(as: .member(name, of: place, value: value, in: members))
            }
        }
    }
    func masked(as place: SecretPlace) -> JSONValue {
        switch self {
        case .string(let text):
            return .string(place == .secret ? Redaction.mask : Redaction.redacted(text, as: place.kind))
        case .integer, .number: return place == .secret ? .string(Redaction.mask) : self
        case .null, .bool: return self
        case .array(let items):
            return .array(items.indices.map { items[$0].masked(as: .element($0, of: place, in: items)) })
        case .object(let members):
            let names = members.shownNames
            return .object(
                Dictionary(
                    uniqueKeysWithValues: members.map { name, value in
                        (
                            names[name] ?? name,
                            value.masked(as: .member(name, of: place, value: value, in: members))
                        )
                    }))
        }
    }
}

extension [String: JSONValue] {
    /// The names that hold a secret themselves, and how they are shown: each in a way of its own.
    var shownNames: [String: String] {
        var shown: [String: String] = [:]
        var numbers: [String: Int] = [:]
        for name in keys.filter({ !Redaction.secrets(in: $0, as: .address).isEmpty }).sorted() {
            let plain = Redaction.redacted(name, as: .address)
            var number = numbers[plain, default: 0], candidate = plain
            repeat {
                number += 1
                candidate = number == 1 ? plain : "\(plain) \(number)"
            } while candidate != name && self[candidate] != nil
            numbers[plain] = number
            shown[name] = candidate
        }
        return shown
    }
}
