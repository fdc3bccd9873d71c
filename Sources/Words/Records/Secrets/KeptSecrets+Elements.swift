import JSON

extension KeptSecrets {
    /// Elements may have moved: each is given the secrets of one that looks as it does, or else of one that it can be an edit of.
    ///
    /// Where several look alike, they are taken in their order, provided that as many of them are still there: when one was
    /// taken away, nobody can say whose secrets are meant.
    func elements(_ items: [JSONValue]) throws(JSONViolation) -> [JSONValue] {
        let old = stored?.array ?? []
        var kept = items
        var choices: [Choice] = []
        let asShown = Dictionary(grouping: old.indices) { old[$0].masked(as: .element($0, of: place, in: old)) }
        for (index, item) in items.enumerated() where item.mentionsMask {
            let alike = asShown[item.masked(as: .element(index, of: place, in: items))] ?? []
            var values = values(of: index, in: items, from: alike, of: old)
            if values.isEmpty { values = self.values(of: index, in: items, from: Array(old.indices), of: old) }
            if values.contains(where: { $0.value != item }) { choices.append(Choice(index: index, values: values)) }
            // With nothing stored beside it, it has no secret or throws at the path of the first.
            if values.isEmpty { kept[index] = try element(index, of: items, beside: nil).value }
        }
        for (index, value) in Choice.decided(choices) {
            if let value { kept[index] = value } else { kept[index] = try element(index, of: items, beside: nil).value }
        }
        return kept
    }

    /// What an element becomes with the secrets of each of those that it can have them of, by their places.
    private func values(
        of index: Int, in items: [JSONValue], from candidates: [Int], of old: [JSONValue]
    ) -> [Choice.Value] {
        candidates.compactMap { candidate in
            guard let value = try? element(index, of: items, beside: old[candidate]).value else { return nil }
            return (candidate, value)
        }
    }
    private func element(_ index: Int, of items: [JSONValue], beside old: JSONValue?) -> KeptSecrets {
        KeptSecrets(
            new: items[index], stored: old, path: below("\(index)"), place: .element(index, of: place, in: items),
            areAddressesKept: areAddressesKept && old != nil, budget: budget)
    }
}

/// An element, and what it may become.
private struct Choice {
    typealias Value = (of: Int, value: JSONValue)
    let index: Int
    /// In the order of the stored elements whose secrets they have.
    let values: [Value]

    /// What each becomes; `nil` where that cannot be told. Whoever has the fewest to choose from goes first, and what he took is left
    /// to no other.
    static func decided(_ choices: [Choice]) -> [(index: Int, value: JSONValue?)] {
        let groups = Dictionary(grouping: choices) { $0.values.map(\.of) }
        var taken: Set<Int> = []
        var decided: [(index: Int, value: JSONValue?)] = []
        for (candidates, group) in groups.sorted(by: { ($0.key.count, $0.key[0]) < ($1.key.count, $1.key[0]) }) {
            var free = candidates.indices.filter { !taken.contains(candidates[$0]) }
            if free.isEmpty { free = Array(candidates.indices) }
            for (number, choice) in group.sorted(by: { $0.index < $1.index }).enumerated() {
                if group.count == free.count {
                    decided.append((choice.index, choice.values[free[number]].value))
                    taken.insert(candidates[free[number]])
                } else {
                    let first = choice.values[free[0]].value
                    let areSame = free.allSatisfy { choice.values[$0].value == first }
                    decided.append((choice.index, areSame ? .some(first) : nil))
                }
            }
        }
        return decided
    }
}
