import Dispatch
import Foundation

/// A file of an archive.
public struct ArchivedFile: Hashable, Codable, Sendable {
    /// Bare, or as it stands there where it is refused for that.
    public var name: String
    /// Why nothing of it is read, in a sentence; `nil`: its bytes follow.
    public var refusal: String?
    public init(name: String, refusal: String? = nil) { (self.name, self.refusal) = (name, refusal) }
}

/// What comes of an archive, in its order.
public enum ArchivePiece: Hashable, Sendable {
    /// A file begins, and so the one before has ended.
    case file(ArchivedFile)
    /// More of it.
    case bytes([UInt8])
    /// The rest of it cannot be read, for this reason.
    case damage(String)
}

/// An archive that is read from its beginning to its end, a piece at a time.
public protocol ArchiveSource: Sendable {
    /// The next piece; `nil` at the end. One caller at a time.
    /// - Throws: `ArchiveError`; what ended the process that read it.
    func next() async throws -> ArchivePiece?
    /// Makes a pending and every later `next()` end soon.
    func cancel()
}

/// An archive that is read in this process.
///
/// `@unchecked Sendable`: the reader is touched on the queue only.
public final class LocalArchive: ArchiveSource, @unchecked Sendable {
    private let reader: ArchiveReader
    private let file: FileHandle
    private let queue = DispatchQueue(label: "archive")

    /// - Throws: `ArchiveError`.
    public init(path: String, _ form: ArchiveForm, limits: ArchiveLimits = ArchiveLimits()) throws {
        guard let file = FileHandle(forReadingAtPath: path) else { throw ArchiveError.damaged("there is no file") }
        self.file = file
        reader = try ArchiveReader(file.fileDescriptor, form, limits: limits)
    }
    public func next() async throws -> ArchivePiece? {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try self.reader.next() }) }
        }
    }
    /// What is done at once ends by itself soon.
    public func cancel() {}
}
