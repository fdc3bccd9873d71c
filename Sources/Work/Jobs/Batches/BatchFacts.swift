import JSON

/// What is known of a picture beside its locator.
struct BatchFacts: Hashable, Sendable {
    /// What whoever listed it wrote beside it.
    var meta: String?
    /// Its number in the batch before, where that has looked at it.
    var known: Int?

    init(meta: String?, known: Int?) { (self.meta, self.known) = (meta, known) }
    init(_ json: JSONValue) {
        meta = json.string ?? json["meta"]?.string
        known = json["known"]?.integer.map(Int.init)
    }
    /// The text alone where there is no more.
    var json: JSONValue {
        let meta = meta.map { JSONValue.string($0) } ?? .null
        return known.map { ["meta": meta, "known": .integer(Int64($0))] } ?? meta
    }
}
