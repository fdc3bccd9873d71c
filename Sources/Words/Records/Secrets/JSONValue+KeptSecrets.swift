public import JSON

extension JSONValue {
    /// The same document with the stored secret wherever one reads `***`, as `withoutSecrets` shows it: so that what was read can
    /// be written back.
    ///
    /// Each secret counts for itself. It is kept only when the rest of its address, or of the object that it is a member of, is as
    /// stored, and so are the addresses beside that object: nobody is given a secret who could not have read it. Nor is one kept
    /// where several look alike and it cannot be told which is meant.
    /// - Parameter stored: what is replaced, with its secrets; `nil` when there is nothing.
    /// - Throws: at the path of the first secret that reads `***` and cannot be kept.
    public func keepingSecrets(of stored: JSONValue?) throws(JSONViolation) -> JSONValue {
        guard mentionsMask else { return self }
        return try KeptSecrets(
            new: self, stored: stored, path: "", place: .plain, areAddressesKept: stored != nil,
            budget: KeptSecrets.Budget()
        ).value
    }

    var mentionsMask: Bool {
        switch self {
        case .string(let text): text.mentionsMask
        case .array(let items): items.contains(where: \.mentionsMask)
        case .object(let members): members.contains { $0.key.mentionsMask || $0.value.mentionsMask }
        default: false
        }
    }
}

extension JSONReader {
    /// The same with the stored secret wherever one reads `***`, as `JSONValue.keepingSecrets` does it.
    public func keepingSecrets(of stored: JSONValue?) throws(JSONViolation) -> JSONReader {
        JSONReader(try value.keepingSecrets(of: stored), path: path)
    }
}

/// One value of a document beside the one that is stored in its place.
struct KeptSecrets {
    /// How many values may still be looked at, long texts as several: lists in lists have more pairs of elements than anybody
    /// waits for. Beyond it nothing is kept.
    final class Budget { var left = 1_000_000 }

    let new: JSONValue
    let stored: JSONValue?
    let path: String
    let place: SecretPlace
    /// Whether the objects around it name the addresses that they are stored with.
    let areAddressesKept: Bool
    let budget: Budget

    var value: JSONValue {
        get throws(JSONViolation) {
            guard new.mentionsMask else { return new }
            budget.left -= 1 + (new.string?.utf8.count ?? 0) / 64
            guard budget.left > 0 else { throw refusal }
            switch new {
            case .string(let text) where place == .secret: return text.isMask ? try keptWhole() : new
            case .string(let text): return try keptInside(text)
            case .array(let items): return .array(try elements(items))
            case .object(let members): return .object(try self.members(members))
            default: return new
            }
        }
    }

    var refusal: JSONViolation {
        JSONViolation(
            path: path,
            message: "A secret that reads '\(Redaction.mask)' is kept only where the rest is as stored; write it out")
    }

    private func keptWhole() throws(JSONViolation) -> JSONValue {
        switch stored {
        case .string, .integer, .number: if areAddressesKept { return stored! }
        default: break
        }
        throw refusal
    }

    private func keptInside(_ text: String) throws(JSONViolation) -> JSONValue {
        let old = stored?.string ?? ""
        let secrets = Redaction.secrets(in: old, as: place.kind)
        let bytes = Array(text.utf8)
        let readsMask = Redaction.secrets(in: text, as: place.kind).contains {
            String(decoding: bytes[$0], as: UTF8.self).isMask
        }
        guard readsMask || !secrets.isEmpty else { return new }
        guard areAddressesKept, let kept = text.filled(from: old, secrets) else { throw refusal }
        return .string(kept)
    }

    private func members(_ members: [String: JSONValue]) throws(JSONViolation) -> [String: JSONValue] {
        let old = stored?.object ?? [:]
        let (members, shown) = try named(members, as: old)
        let areAddressesKept =
            areAddressesKept && members.addresses(in: place) == old.addresses(in: place)
        // Asked only when there is a secret to keep.
        lazy var isRestKept = JSONValue.object(members).masked(as: place) == JSONValue.object(old).masked(as: place)
        var kept = members
        for (name, value) in members.sorted(by: { $0.key < $1.key }) where value.mentionsMask {
            let place = memberPlace(name, value, in: members, beside: old)
            let isMaskedSecret = place == .secret && value.string?.isMask == true
            kept[name] = try KeptSecrets(
                new: value, stored: old[name], path: below(shown[name] ?? name), place: place,
                areAddressesKept: areAddressesKept && (!isMaskedSecret || isRestKept), budget: budget
            ).value
        }
        return kept
    }
    /// What was shown as `***` was a secret, even where the member that said so does not show it any more.
    private func memberPlace(
        _ name: String, _ value: JSONValue, in members: [String: JSONValue], beside old: [String: JSONValue]
    ) -> SecretPlace {
        let place = SecretPlace.member(name, of: place, value: value, in: members)
        guard value.string?.isMask == true, let stored = old[name] else { return place }
        return SecretPlace.member(name, of: self.place, value: stored, in: old) == .secret ? .secret : place
    }

    /// The members under their stored names where these were shown without their secrets, and how those were shown.
    private func named(
        _ members: [String: JSONValue], as old: [String: JSONValue]
    ) throws(JSONViolation) -> ([String: JSONValue], shown: [String: String]) {
        guard members.keys.contains(where: \.mentionsMask) else { return (members, [:]) }
        let shown = old.shownNames
        let stored = Dictionary(shown.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
        var named: [String: JSONValue] = [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let isShown = name.mentionsMask && !Redaction.secrets(in: name, as: .address).isEmpty
            let whole = stored[name] ?? name
            guard !isShown || (stored[name] != nil && areAddressesKept), named[whole] == nil else {
                throw KeptSecrets(
                    new: value, stored: nil, path: below(name), place: place, areAddressesKept: false, budget: budget
                ).refusal
            }
            named[whole] = value
        }
        return (named, shown)
    }

    func below(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}

extension [String: JSONValue] {
    /// The members that are addresses, as they are shown.
    fileprivate func addresses(in place: SecretPlace) -> [String: JSONValue] {
        filter { name, value in
            value.string?.contains("://") == true
                && SecretPlace.member(name, of: place, value: value, in: self) != .prose
        }.mapValues { $0.masked(as: .plain) }
    }
}
