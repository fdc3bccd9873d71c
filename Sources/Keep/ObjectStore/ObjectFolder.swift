import Foundation

/// Where the files of a tree lie: `ab/cd/<id>` below its folder, where `abcd` begins the id.
struct ObjectFolder: Sendable {
    let path: String

    func place(of id: UUID) -> (folder: String, file: String) {
        let name = id.uuidString.lowercased()
        let folder = "\(path)/\(name.prefix(2))/\(name.dropFirst(2).prefix(2))"
        return (folder, "\(folder)/\(name)")
    }
    /// Which of the folders an id belongs into.
    static func key(of id: UUID) -> UInt16 { UInt16(id.uuid.0) << 8 | UInt16(id.uuid.1) }

    /// Makes the folders of `id`, and returns when their names are on the disk.
    func makeFolders(of id: UUID) throws(ObjectFileError) {
        let folder = place(of: id).folder
        let upper = (folder as NSString).deletingLastPathComponent
        try makeFolder(upper)
        try makeFolder(folder)
        // Also those that were there: whoever made them may have been killed before.
        try synchronize(upper, isFolder: true)
        try synchronize(path, isFolder: true)
    }

    /// Says whose the tree is. Returns when that is on the disk.
    func write(mark: String) throws(ObjectFileError) {
        try withFile(path + "/mark", O_WRONLY | O_CREAT | O_TRUNC) { (descriptor) throws(ObjectFileError) in
            try ObjectStore.write(Array(mark.utf8), to: descriptor, at: 0)
            guard fsync(descriptor) == 0 else { throw ObjectFileError(errno: errno, "fsync") }
        }
        try synchronize(path, isFolder: true)
    }

    /// Ids of files, folder by folder, until there are `limit` or all of a folder, or the tree is at its end.
    func files(after position: ObjectTree.Position?, limit: Int) -> (ids: [UUID], next: ObjectTree.Position?) {
        var position = position ?? ObjectTree.Position(), ids: [UUID] = []
        while position.folder < 1 << 16, ids.count < limit {
            let upper = Self.hexadecimal(position.folder >> 8)
            if position.folder & 0xff == 0, access("\(path)/\(upper)", F_OK) != 0 {
                position.folder += 1 << 8
                continue
            }
            let names = try? FileManager.default.contentsOfDirectory(
                atPath: "\(path)/\(upper)/\(Self.hexadecimal(position.folder & 0xff))")
            ids += (names ?? []).compactMap { UUID(uuidString: $0) }
            position.folder += 1
        }
        return (ids, position.folder < 1 << 16 ? position : nil)
    }
    private static func hexadecimal(_ byte: Int) -> String {
        byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
    }
}
