public import Foundation

/// Files of one tree put into another that nobody uses yet: as second names of the same bytes, which nothing changes, or as copies where
/// the file system has no such names.
public struct TreeCopy {
    private let source, target: ObjectFolder
    private var folders: Set<UInt16> = []

    /// - Parameter target: made when it is absent.
    public init(from source: URL, to target: URL) throws(ObjectFileError) {
        (self.source, self.target) = (ObjectFolder(path: source.path), ObjectFolder(path: target.path))
        try makeFolder(target.path)
    }

    /// Where the copy of a file lies.
    public func path(of id: UUID) -> String { target.place(of: id).file }

    /// What lies where a file should, and is none.
    public func oddity(of id: UUID) -> String? { ObjectStore.oddity(of: source.place(of: id).file) }

    /// - Parameter size: bytes that it has at least.
    /// - Returns: whether there is such a file.
    public mutating func add(_ id: UUID, size: Int = 0) throws(ObjectFileError) -> Bool {
        let (from, to) = (source.place(of: id).file, path(of: id))
        var found = stat()
        guard lstat(from, &found) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return false }
            throw ObjectFileError(errno: errno, from)
        }
        guard found.st_mode & S_IFMT == S_IFREG, found.st_size >= size else { return false }
        if folders.insert(ObjectFolder.key(of: id)).inserted { try target.makeFolders(of: id) }
        if Glibc.link(from, to) != 0 {
            guard Self.wantingCopies.contains(errno) else { throw ObjectFileError(errno: errno, to) }
            try copyFile(from, to)
        }
        return true
    }
    /// Another disk, no second names here, or as many as a file can have.
    private static let wantingCopies = [EXDEV, EPERM, EMLINK, EOPNOTSUPP, ENOSYS]

    /// Returns when all names are on the disk.
    /// - Parameter mark: whose the tree is; `nil`: nobody's yet.
    public func finish(mark: String?) throws(ObjectFileError) {
        for key in folders {
            let folder = String(format: "/%02x/%02x", Int(key >> 8), Int(key & 0xff))
            try synchronize(target.path + folder, isFolder: true)
        }
        if let mark { try target.write(mark: mark) }
        // Whoever uses it first looks through all of it.
        try withFile(target.path + "/open", O_WRONLY | O_CREAT) { _ in }
        try synchronize(target.path, isFolder: true)
    }
}

/// Makes a copy of a file, which is no link to one, and returns when its bytes are on the disk.
/// - Parameter count: bytes of the beginning; `nil`: all.
public func copyFile(_ source: String, _ target: String, count: Int? = nil) throws(ObjectFileError) {
    try withFile(source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) { (from) throws(ObjectFileError) in
        try withFile(target, O_WRONLY | O_CREAT | O_EXCL) { (to) throws(ObjectFileError) in
            var offset = 0
            while offset < count ?? .max {
                let end = min(offset + 1 << 20, count ?? .max)
                let bytes = try read(offset..<end, of: from)
                try write(bytes, to: to, at: offset)
                offset += bytes.count
                if bytes.count < 1 << 20 { break }
            }
            guard fsync(to) == 0 else { throw ObjectFileError(errno: errno, "fsync") }
        }
    }
}
