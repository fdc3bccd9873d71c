public import Foundation
import JSON

/// What must be known about a model that says of which of its classes a picture is. A JSON file like `ModelCard`, whose `head` is `probabilities`:
/// one output `[1, C]`, the probability of each class.
public struct ClassifierCard: NetworkCard, Hashable {
    public var name: String
    public var description: String
    public var file: URL
    public var sha256: String?
    public var input: ModelCard.Input
    /// The one output.
    public var output: String
    public var outputs: [String] { [output] }
    public var taxonomy: Taxonomy

    /// Reads a card, and the file of its classes where it names one.
    /// - Throws: `ModelError`.
    public init(contentsOf url: URL) throws(ModelError) {
        let folder = url.deletingLastPathComponent()
        var classes: URL?
        self = try url.cardDocument { (card) throws(JSONViolation) in try Self.read(card, beside: folder, &classes) }
        if let classes { taxonomy = try Taxonomy(contentsOf: classes) }
        guard isFileReadable else { throw .missingModel(path: file.path) }
    }

    /// - Parameter classes: set to the file that has them, where they are not in the card.
    private static func read(
        _ card: JSONReader, beside folder: URL, _ classes: inout URL?
    ) throws(JSONViolation) -> ClassifierCard {
        func sibling(_ reader: JSONReader) throws(JSONViolation) -> URL {
            URL(fileURLWithPath: try reader.string(), relativeTo: folder).standardizedFileURL
        }
        _ = try card.required("head").string(oneOf: ["probabilities"])
        if let task = try card.optional("task") { _ = try task.string(oneOf: ["thing"]) }
        let given = try card.required("classes")
        var names: [String] = []
        if given.value.string != nil {
            classes = try sibling(given)
        } else {
            for item in try given.items(minimum: 1) { names.append(try item.string()) }
        }
        return ClassifierCard(
            name: try card.required("name").string(maximumLength: 128),
            description: try card.optional("description")?.string() ?? "",
            file: try sibling(try card.required("file")),
            sha256: try card.optional("sha256")?.string().lowercased(),
            input: try ModelCard.readInput(try card.required("input")),
            output: try card.required("outputs").required("probabilities").string(),
            taxonomy: Taxonomy(names: names))
    }
    private init(
        name: String, description: String, file: URL, sha256: String?, input: ModelCard.Input, output: String,
        taxonomy: Taxonomy
    ) {
        (self.name, self.description, self.file, self.sha256) = (name, description, file, sha256)
        (self.input, self.output, self.taxonomy) = (input, output, taxonomy)
    }
}
