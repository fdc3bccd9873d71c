import CSodium
import Foundation

extension BackupManifest.File {
    /// Reads a file that is in the folder of a backup. Blocks.
    init(named name: String, in folder: URL) throws(BackupError) {
        let path = folder.appending(path: name).path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
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
        self.init(name: name, size: size, hash: digest.map { String(format: "%02x", $0) }.joined())
    }
}
