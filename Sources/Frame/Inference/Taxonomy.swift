public import Foundation
import JSON

/// The classes of a classifier, and what each of them is a kind of.
public struct Taxonomy: Hashable, Sendable {
    /// A class, or what classes are kinds of.
    public struct Kind: Hashable, Sendable {
        /// Such as `n02124075`. Names are no keys: a crane is a bird and a machine.
        public let id: String
        public let name: String
        /// Numbers of all that it is a kind of, each once, near to far: its parents, then theirs.
        public let ancestors: [Int]
    }
    /// The classes in the classifier's order, then what they are kinds of.
    public let kinds: [Kind]
    public let classCount: Int

    /// Classes that are kinds of nothing.
    public init(names: [String]) {
        kinds = names.map { Kind(id: $0, name: $0, ancestors: []) }
        classCount = names.count
    }

    /// - Parameters:
    ///   - rows: id, name and numbers of the parents among the rows; the classes come first.
    init(_ rows: [(id: String, name: String, parents: [Int])], classCount: Int) {
        self.classCount = classCount
        kinds = rows.indices.map { index in
            Kind(
                id: rows[index].id, name: rows[index].name,
                ancestors: Self.ancestors(of: index) { rows[$0].parents })
        }
    }
    /// Breadth first. A kind has many ways up that meet again.
    private static func ancestors(of kind: Int, parents: (Int) -> [Int]) -> [Int] {
        var found: [Int] = [], seen: Set = [kind]
        var level = parents(kind)
        while !level.isEmpty {
            level = level.filter { seen.insert($0).inserted }
            found += level
            level = level.flatMap(parents)
        }
        return found
    }

    /// Reads a file of kinds: `count` of classes, and `things`, each a list of id, name and ids of its parents.
    /// - Throws: `ModelError`.
    public init(contentsOf url: URL) throws(ModelError) {
        self = try url.cardDocument(Self.read)
    }
    private static func read(_ document: JSONReader) throws(JSONViolation) -> Taxonomy {
        let things = try document.required("things").items(minimum: 1)
        let count = try document.required("count").integer(in: 1...things.count)
        var texts: [[String]] = [], numbers: [String: Int] = [:]
        for thing in things {
            var row: [String] = []
            for text in try thing.items(minimum: 2) { row.append(try text.string()) }
            guard numbers.updateValue(texts.count, forKey: row[0]) == nil else {
                throw thing.violation("there is another with the id '\(row[0])'")
            }
            texts.append(row)
        }
        var rows: [(id: String, name: String, parents: [Int])] = []
        for (thing, row) in zip(things, texts) {
            var parents: [Int] = []
            for id in row.dropFirst(2) {
                guard let number = numbers[id] else { throw thing.violation("there is no '\(id)' for its parent") }
                parents.append(number)
            }
            rows.append((row[0], row[1], parents))
        }
        return Taxonomy(rows, classCount: count)
    }
}
