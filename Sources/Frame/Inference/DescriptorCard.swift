public import Foundation
import JSON

/// What must be known about a model that says what a face looks like. A JSON file like `ModelCard`, whose `head` is `descriptor`: one output
/// `[1, 128]`, see `Descriptor`.
public struct DescriptorCard: NetworkCard, Hashable {
    public var name: String
    public var description: String
    public var file: URL
    public var sha256: String?
    public var input: ModelCard.Input
    /// The one output.
    public var output: String
    public var outputs: [String] { [output] }

    /// - Throws: `ModelError`.
    public init(contentsOf url: URL) throws(ModelError) {
        let folder = url.deletingLastPathComponent()
        self = try url.cardDocument { (card) throws(JSONViolation) in try Self.read(card, beside: folder) }
        guard isFileReadable else { throw .missingModel(path: file.path) }
    }

    private static func read(_ card: JSONReader, beside folder: URL) throws(JSONViolation) -> DescriptorCard {
        _ = try card.required("head").string(oneOf: ["descriptor"])
        if let task = try card.optional("task") { _ = try task.string(oneOf: ["face_descriptor"]) }
        let file = try card.required("file").string()
        return DescriptorCard(
            name: try card.required("name").string(maximumLength: 128),
            description: try card.optional("description")?.string() ?? "",
            file: URL(fileURLWithPath: file, relativeTo: folder).standardizedFileURL,
            sha256: try card.optional("sha256")?.string().lowercased(),
            input: try ModelCard.readInput(try card.required("input")),
            output: try card.required("outputs").required("descriptor").string())
    }
    private init(
        name: String, description: String, file: URL, sha256: String?, input: ModelCard.Input, output: String
    ) {
        (self.name, self.description, self.file, self.sha256) = (name, description, file, sha256)
        (self.input, self.output) = (input, output)
    }
}
