import Foundation

/// The file with the key: one a line, the newest first, for its owner's eyes only.
enum KeyFile {
    /// None when there is no file.
    static func read(_ file: URL) throws(KeyError) -> [SealingKey] {
        let path = file.path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return [] }
            throw unusable(path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unusable(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unusableFile(path: path, reason: "it is no plain file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .openToOthers(path: path, mode: "0" + String(status.st_mode & 0o7777, radix: 8))
        }
        guard let data = try? FileHandle(fileDescriptor: descriptor).read(upToCount: 4096) else {
            throw .noKey(path: path, line: 1)
        }
        var keys: [SealingKey] = []
        for (index, line) in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).enumerated() {
            guard let key = SealingKey(line.trimmingCharacters(in: .whitespaces)) else {
                throw .noKey(path: path, line: index + 1)
            }
            keys.append(key)
        }
        guard !keys.isEmpty else { throw .noKey(path: path, line: 1) }
        return keys
    }

    /// Replaces the file at once, where a link leads to it as well; returned from, it is on the disk.
    static func write(_ keys: [SealingKey], to file: URL) throws(KeyError) {
        let file = target(of: file)
        let (path, new) = (file.path, file.path + ".new")
        unlink(new)
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw unusable(path) }
        defer { close(descriptor) }
        let text = Array(keys.map { $0.text + "\n" }.joined().utf8)
        let folder = open(file.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if folder >= 0 { close(folder) } }
        guard Glibc.write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0, folder >= 0,
            rename(new, path) == 0, fsync(folder) == 0
        else {
            let error = unusable(path)
            unlink(new)
            throw error
        }
    }

    /// Where links lead; links that go in a circle are followed some way.
    private static func target(of file: URL) -> URL {
        var file = file
        for _ in 0..<40 {
            guard let next = try? FileManager.default.destinationOfSymbolicLink(atPath: file.path) else { break }
            file = URL(fileURLWithPath: next, relativeTo: file.deletingLastPathComponent()).absoluteURL
        }
        return file
    }
    private static func unusable(_ path: String) -> KeyError {
        .unusableFile(path: path, reason: String(cString: strerror(errno)))
    }
}
