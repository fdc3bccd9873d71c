import Foundation

/// A file that is open for as long as `body` runs.
func withFile<Value>(
    _ path: String, _ flags: Int32, _ body: (Int32) throws(ObjectFileError) -> Value
) throws(ObjectFileError) -> Value {
    let descriptor = open(path, flags | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw ObjectFileError(errno: errno, path) }
    defer { close(descriptor) }
    return try body(descriptor)
}

/// What lies at a path, when it is no file with bytes of its own: that is neither followed nor waited for.
/// - Returns: what to say of it; `nil` for such a file, or where nothing is.
public func oddity(of path: String) -> String? {
    var found = stat()
    guard lstat(path, &found) == 0 else { return nil }
    return switch found.st_mode & S_IFMT {
    case S_IFREG: nil
    case S_IFLNK: "is a symbolic link and no file"
    case S_IFDIR: "is a folder and no file"
    default: "is a pipe or device and no file"
    }
}

/// Writes all of `bytes`.
func write(_ bytes: [UInt8], to descriptor: Int32, at offset: Int) throws(ObjectFileError) {
    var done = 0
    while done < bytes.count {
        let count = bytes.withUnsafeBytes {
            pwrite(descriptor, $0.baseAddress! + done, bytes.count - done, off_t(offset + done))
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw ObjectFileError(errno: count == 0 ? ENOSPC : errno, "write") }
        done += count
    }
}

/// Reads `range`, or what the file has of it.
func read(_ range: Range<Int>, of descriptor: Int32) throws(ObjectFileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    var done = 0
    while done < range.count {
        let count = bytes.withUnsafeMutableBytes {
            pread(descriptor, $0.baseAddress! + done, range.count - done, off_t(range.lowerBound + done))
        }
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else { throw ObjectFileError(errno: errno, "read") }
        if count == 0 { break }
        done += count
    }
    if done < range.count { bytes.removeLast(range.count - done) }
    return bytes
}

/// Returns when what `path` names is on the disk: a file's bytes, or a folder's names.
func synchronize(_ path: String, isFolder: Bool = false) throws(ObjectFileError) {
    try withFile(path, isFolder ? O_RDONLY | O_DIRECTORY : O_RDWR) { (descriptor) throws(ObjectFileError) in
        guard fsync(descriptor) == 0 else { throw ObjectFileError(errno: errno, "fsync") }
    }
}

/// Makes a folder for its owner's eyes only, unless it is there.
func makeFolder(_ path: String) throws(ObjectFileError) {
    guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw ObjectFileError(errno: errno, path) }
}
