public import JSON

extension JSONValue {
    /// The same document with the stored secret wherever one reads `***`, as `withoutSecrets` shows it: so that what was read can
    /// be written back.
    ///
    /// Each secret counts for itself. It is kept only when the rest of its address, or of the object that it is a member of, is as
    /// stored, and so are the addresses beside that object: nobody is given a secret who could not have read it.
    /// - Parameter stored: what is replaced, with its secrets; `nil` when there is nothing.
    /// - Throws: at the path of the first secret that reads `***` and cannot be kept.
    public func keepingSecrets(of stored: JSONValue?) throws(JSONViolation) -> JSONValue {
        guard mentionsMask else { return self }
        return try KeptSecrets(new: self, stored: stored, path: "", place: .plain, areAddressesKept: stored != nil)
            .value
    }

    private var mentionsMask: Bool {
        switch self {
        case .string(let text): text.mentionsMask
        case .array(let items): items.contains(where: \.mentionsMask)
        case .object(let members): members.values.contains(where: \.mentionsMask)
        default: false
        }
    }
}

/// One value of a document beside the one that is stored in its place.
private struct KeptSecrets {
    let new: JSONValue
    let stored: JSONValue?
    let path: String
    let place: JSONValue.Place
    /// Whether the objects around it name the addresses that they are stored with.
    let areAddressesKept: Bool

    var value: JSONValue {
        get throws(JSONViolation) {
            switch new {
            case .string(let text) where place == .secret:
                if text.isMask { try keptWhole() } else { new }
            case .string(let text): try keptInside(text)
            case .array(let items): .array(try elements(items))
            case .object(let members): .object(try self.members(members))
            default: new
            }
        }
    }

    private var refusal: JSONViolation {
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
        guard text.mentionsMask else { return new }
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

    /// Elements may have moved: one that cannot be as its place says is looked for among the others.
    private func elements(_ items: [JSONValue]) throws(JSONViolation) -> [JSONValue] {
        let old = stored?.array ?? []
        var kept: [JSONValue] = []
        for (index, item) in items.enumerated() {
            let here = element(item, at: index, beside: old.indices.contains(index) ? old[index] : nil)
            do throws(JSONViolation) {
                kept.append(try here.value)
            } catch {
                guard let moved = old.lazy.compactMap({ try? element(item, at: index, beside: $0).value }).first else {
                    throw error
                }
                kept.append(moved)
            }
        }
        return kept
    }
    private func element(_ item: JSONValue, at index: Int, beside old: JSONValue?) -> KeptSecrets {
        KeptSecrets(
            new: item, stored: old, path: below("\(index)"), place: place,
            areAddressesKept: areAddressesKept && old != nil)
    }

    private func members(_ members: [String: JSONValue]) throws(JSONViolation) -> [String: JSONValue] {
        let old = stored?.object ?? [:]
        let areAddressesKept =
            areAddressesKept && members.addresses(in: place) == old.addresses(in: place)
        // Asked only when there is a secret to keep.
        lazy var isRestKept = JSONValue.object(members).masked(as: place) == JSONValue.object(old).masked(as: place)
        var kept = members
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let place = JSONValue.Place.member(name, of: place, value: value, in: members)
            let isMaskedSecret = place == .secret && value.string?.isMask == true
            kept[name] = try KeptSecrets(
                new: value, stored: old[name], path: below(name), place: place,
                areAddressesKept: areAddressesKept && (!isMaskedSecret || isRestKept)
            ).value
        }
        return kept
    }

    private func below(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}

extension [String: JSONValue] {
    /// The members that are addresses, as they are shown.
    fileprivate func addresses(in place: JSONValue.Place) -> [String: JSONValue] {
        filter { name, value in
            value.string?.contains("://") == true
                && JSONValue.Place.member(name, of: place, value: value, in: self) != .prose
        }.mapValues { $0.masked(as: .plain) }
    }
}

extension String {
    fileprivate var mentionsMask: Bool { contains(Redaction.mask) || lowercased().contains("%2a%2a%2a") }
    /// Whether this stands for a secret that is not told; clients may have encoded it.
    fileprivate var isMask: Bool {
        self == Redaction.mask || String(decoding: Array(utf8).percentDecoded, as: UTF8.self) == Redaction.mask
    }

    /// This text with the secrets of `stored` where it reads `***` in their places, and its own where it reads something else.
    /// `nil` when anything but the secrets differs.
    fileprivate func filled(from stored: String, _ secrets: [Range<Int>]) -> String? {
        let stored = Array(stored.utf8)
        let own = Array(utf8)
        var filled: [UInt8] = []
        var position = 0
        for (number, secret) in secrets.enumerated() {
            let before = stored[(number == 0 ? 0 : secrets[number - 1].upperBound)..<secret.lowerBound]
            let isLast = number == secrets.count - 1
            let behind = stored[secret.upperBound..<(isLast ? stored.count : secrets[number + 1].lowerBound)]
            guard own[position...].starts(with: before) else { return nil }
            position += before.count
            guard let end = own.place(of: behind, from: position, atEnd: isLast) else { return nil }
            let written = own[position..<end]
            filled += before
            filled += String(decoding: written, as: UTF8.self).isMask ? stored[secret] : written
            position = end
        }
        let rest = stored[(secrets.last?.upperBound ?? 0)...]
        guard own[position...].elementsEqual(rest) else { return nil }
        return String(decoding: filled + rest, as: UTF8.self)
    }
}

extension [UInt8] {
    /// Where `part` stands first, not before `start`; at the very end if it has to.
    fileprivate func place(of part: ArraySlice<UInt8>, from start: Int, atEnd: Bool) -> Int? {
        if atEnd {
            let place = count - part.count
            return place >= start && self[place...].elementsEqual(part) ? place : nil
        }
        guard count - part.count >= start else { return nil }
        return (start...(count - part.count)).first { self[$0...].starts(with: part) }
    }
}
