import CSodium
import Foundation

/// Size and hash of what a file holds.
struct FileHash: Hashable, Sendable {
    /// In bytes.
    let size: Int
    /// BLAKE2b of 256 bits, as `b2sum --length=256` prints it.
    let hash: String

    /// Reads all of a file, which is no link to one. Blocks.
    init(of path: String) throws(BackupError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw .failed(reason: "\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        precondition(sodium_init() >= 0, "libsodium cannot be initialised")
        let length = 32
        let memory = UnsafeMutableRawPointer.allocate(byteCount: crypto_generichash_statebytes(), alignment: 64)
        defer { memory.deallocate() }
        let state = OpaquePointer(memory)
        crypto_generichash_init(state, nil, 0, length)
        var size = 0
        var portion = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = Glibc.read(descriptor, &portion, portion.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .failed(reason: "\(path): \(String(cString: strerror(errno)))") }
            if count == 0 { break }
            crypto_generichash_update(state, portion, UInt64(count))
            size += count
        }
        var digest = [UInt8](repeating: 0, count: length)
        crypto_generichash_final(state, &digest, length)
        (self.size, hash) = (size, digest.map { String(format: "%02x", $0) }.joined())
    }
    init(size: Int, hash: String) { (self.size, self.hash) = (size, hash) }
}

extension BackupManifest.File {
    /// Of a file in the folder of a backup. Blocks.
    init(named name: String, in folder: URL) throws(BackupError) {
        let found = try FileHash(of: folder.appending(path: name).path)
        self.init(name: name, size: found.size, hash: found.hash)
    }
}
