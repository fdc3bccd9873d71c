import Foundation
import SQL

/// Lines in a file, the oldest first, that outlive the process. Used by one thread at a time.
///
/// A line counts when it is whole and has reached the disk. What was taken out is there again after a crash until all has been
/// taken out and the file is emptied. A file that was deleted meanwhile is made anew with what was in it.
struct SpoolFile: ~Copyable {
    private let url: URL
    private var descriptor: Int32 = -1
    /// The file that `descriptor` is open on.
    private var identity: FileIdentity?
    /// Where the lines lie, without their ends, that have not been taken out.
    private var lines: ArraySlice<Range<Int>> = []
    /// Bytes up to the end of the last line that counts.
    private(set) var size = 0

    /// Takes over what an earlier process has left.
    /// - Throws: `unusableDirectory` when there is a file that cannot be read.
    init(_ url: URL) throws(OpeningError) {
        self.url = url
        guard FileManager.default.fileExists(atPath: url.path) else { return }
        do {
            let data = try Data(contentsOf: url, options: .mappedIfSafe)
            data.withUnsafeBytes { bytes in
                while let end = bytes[size...].firstIndex(of: UInt8(ascii: "\n")) {
                    lines.append(size..<end)
                    size = end + 1  // what follows the last end was cut off, and never promised to anybody
                }
            }
        } catch {
            throw .unusableDirectory(
                path: url.deletingLastPathComponent().path,
                reason: "\(url.lastPathComponent) holds events and cannot be read (\(error.localizedDescription))")
        }
        _ = open()  // so that what is deleted meanwhile can be read
    }
    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Lines that have not been taken out.
    var count: Int { lines.count }

    /// Adds lines, which hold no line end.
    /// - Returns: whether all of them are on the disk; otherwise none is there.
    mutating func append(_ new: [[UInt8]]) -> Bool {
        guard open() else { return false }
        if identity?.isInPlace != true {
            guard makeAnew() else { return false }
        }
        return add(new)
    }
    private mutating func add(_ new: [[UInt8]]) -> Bool {
        var bytes: [UInt8] = []
        var ranges: [Range<Int>] = []
        for line in new {
            ranges.append(size + bytes.count..<size + bytes.count + line.count)
            bytes += line
            bytes.append(UInt8(ascii: "\n"))
        }
        guard write(bytes, at: size), fdatasync(descriptor) == 0 else {
            ftruncate(descriptor, size)
            return false
        }
        lines += ranges
        size += bytes.count
        return true
    }
    /// What was deleted is readable as long as it is open. Another file in its place is somebody else's, and left alone.
    private mutating func makeAnew() -> Bool {
        guard !FileManager.default.fileExists(atPath: url.path) else { return false }
        let former = (descriptor: descriptor, identity: identity, lines: lines, size: size)
        descriptor = -1
        var isDone = open()
        (lines, size) = ([], 0)
        var left = former.lines
        while isDone, !left.isEmpty {
            let portion = left.prefix(256).map { Self.read($0, from: former.descriptor) ?? [] }
            isDone = zip(portion, left).allSatisfy { $0.count == $1.count } && add(portion)
            left = left.dropFirst(256)
        }
        if isDone {
            close(former.descriptor)
        } else {
            if descriptor >= 0 {
                close(descriptor)
                unlink(url.path)
            }
            (descriptor, identity, lines, size) = former
        }
        return isDone
    }
    /// - Returns: less than the range where the file is shorter; `nil` when it cannot be read.
    private static func read(_ range: Range<Int>, from descriptor: Int32) -> [UInt8]? {
        var line = [UInt8](repeating: 0, count: range.count)
        let count = line.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, range.count, range.lowerBound) }
        return count < 0 ? nil : Array(line.prefix(count))
    }
    private func write(_ bytes: [UInt8], at offset: Int) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress! + done, bytes.count - done, offset + done)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }
    private mutating func open() -> Bool {
        guard descriptor < 0 else { return true }
        descriptor = Glibc.open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        // A new file is not on the disk before its name is.
        let folder = Glibc.open(url.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if folder >= 0 { close(folder) } }
        guard folder >= 0, fsync(folder) == 0 else {
            close(descriptor)
            descriptor = -1
            return false
        }
        identity = FileIdentity(path: url.path)
        return true
    }

    /// At most `limit` lines, the oldest first. A line that the file no longer has is shorter than it was.
    /// - Parameter fits: asked with the bytes of each in turn; the first that does not fit and all behind it are left.
    /// - Throws: when the disk cannot be read.
    mutating func oldest(_ limit: Int, where fits: (Int) -> Bool) throws -> [[UInt8]] {
        guard open() else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return try lines.prefix(limit).prefix { fits($0.count) }.map { range in
            guard let line = Self.read(range, from: descriptor) else {
                throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
            }
            return line
        }
    }
    /// Takes out the oldest lines.
    mutating func removeOldest(_ count: Int) { lines.removeFirst(count) }
    /// Gives the disk its room back, unless something has not been taken out.
    mutating func emptyWhenAllIsTakenOut() {
        guard lines.isEmpty, size > 0, open() else { return }
        lines = []
        if ftruncate(descriptor, 0) == 0 {
            size = 0
            fdatasync(descriptor)
        }
    }
}
