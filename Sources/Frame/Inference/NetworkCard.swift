public import Foundation
import JSON

/// What must be known of a model to compile it.
public protocol NetworkCard: Sendable {
    var name: String { get }
    /// The model file.
    var file: URL { get }
    /// Lower-case hexadecimal; checked when present.
    var sha256: String? { get }
    var input: ModelCard.Input { get }
    /// Names of the network's outputs, in the order in which they are wanted.
    var outputs: [String] { get }
}

extension NetworkCard {
    var isFileReadable: Bool { FileManager.default.isReadableFile(atPath: file.path) }
}

extension URL {
    /// Reads the file as a card, or as what a card names.
    /// - Throws: `ModelError` that names the file.
    func cardDocument<Card>(
        _ read: (JSONReader) throws(JSONViolation) -> Card
    ) throws(ModelError) -> Card {
        let document: JSONValue
        do {
            document = try JSONValue(parsing: try Data(contentsOf: self))
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
            throw .unreadableCard(path: path, reason: "there is no such file")
        } catch {
            throw .unreadableCard(path: path, reason: "it is not JSON")
        }
        do { return try read(JSONReader(document)) } catch {
            throw .invalidCard(path: path, member: error.path, reason: error.message)
        }
    }
}
