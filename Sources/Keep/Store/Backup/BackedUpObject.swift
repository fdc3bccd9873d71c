import Foundation
import Records

/// A line of `objects.list`: the id of an object, and what its file held when the backup was made.
struct BackedUpObject: Hashable, Sendable {
    let id: UUID
    let file: FileHash

    init(_ id: UUID, _ file: FileHash) { (self.id, self.file) = (id, file) }
    init?(_ line: Substring) {
        let words = line.split(separator: " ")
        guard words.count == 3, let id = UUID(wire: String(words[0])), let size = Int(words[1]) else { return nil }
        self.init(id, FileHash(size: size, hash: String(words[2])))
    }
    var line: String { "\(id.wire) \(file.size) \(file.hash)" }
}
