import Foundation
import Synchronization

/// Bytes on their way into an `ObjectTree`: a file without a name that counts. It goes with the value unless it is kept. Used by one
/// task at a time.
public final class ObjectUpload: Sendable {
    let path: String
    private let queues: FileQueues
    private let count = Atomic(0)
    private let isTaken = Atomic(false)

    init(path: String, queues: FileQueues) { (self.path, self.queues) = (path, queues) }
    deinit { if !isTaken.load(ordering: .relaxed) { unlink(path) } }

    /// In bytes.
    public var size: Int { count.load(ordering: .relaxed) }

    /// - Throws: `ObjectFileError`; then the upload is worth nothing.
    public func append(_ bytes: [UInt8]) async throws {
        let (path, offset) = (path, size)
        try await queues.run { () throws(ObjectFileError) in
            try withFile(path, O_WRONLY | O_CREAT) { (descriptor) throws(ObjectFileError) in
                try ObjectStore.write(bytes, to: descriptor, at: offset)
                // Every 16 MiB, so that little is left for the end, and for whoever waits for the same disk.
                if offset >> 24 != (offset + bytes.count) >> 24 { fdatasync(descriptor) }
            }
        }
        count.add(bytes.count, ordering: .relaxed)
    }
    /// All that has come.
    public func bytes() async throws -> [UInt8] {
        let (path, size) = (path, size)
        guard size > 0 else { return [] }
        return try await queues.run { () throws(ObjectFileError) in
            try withFile(path, O_RDONLY) { (descriptor) throws(ObjectFileError) in
                try ObjectStore.read(0..<size, of: descriptor)
            }
        }
    }
    func isKept() { isTaken.store(true, ordering: .relaxed) }
}
