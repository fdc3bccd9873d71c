public import Foundation
import Synchronization

/// Bytes by id, as files: `ab/cd/<id>` below a folder of their own, where `abcd` begins the id. It knows no database: who asks for
/// bytes knows from there whose they are and what they mean.
///
/// A file is whole: it is written beside the others, brought to the disk and then given its name, and the name is brought to the disk,
/// too. Nothing changes it afterwards. So a process may be killed at any point: what it leaves is a file without its name, which the
/// next opening removes, or a whole one that nobody names, which `files(after:limit:)` finds.
public final class ObjectTree: Sendable {
    /// Whose tree it is: the bytes of another's would be taken for orphans.
    public enum Owner: Hashable, Sendable {
        /// As the mark says, or there is nothing in it yet.
        case own
        /// It has another's mark.
        case another
        /// It has none. An operator who says that it is ours leaves an empty one.
        case unmarked
    }
    private let folder: String
    private var places: ObjectFolder { ObjectFolder(path: folder) }
    private var incoming: String { folder + "/incoming" }
    private var markPath: String { folder + "/mark" }
    private var openPath: String { folder + "/open" }
    private let queues = FileQueues()
    /// Folders whose names are on the disk, by the first two bytes of their ids.
    private let folders = Mutex<Set<UInt16>>([])
    /// Files that somebody is about to name.
    private let held = Mutex<[UUID: Int]>([:])
    private let doubtful: Atomic<Bool>
    private let isClosed = Atomic(false)

    /// Takes over what an earlier process has left. Blocks.
    /// - Parameter folder: made when it is absent. It belongs to one process at a time.
    public init(_ folder: URL) throws(ObjectFileError) {
        self.folder = folder.path
        doubtful = Atomic(FileManager.default.fileExists(atPath: folder.path + "/open"))
        try makeFolder(self.folder)
        try? FileManager.default.removeItem(atPath: incoming)  // nobody was told of them
        try makeFolder(incoming)
        try withFile(openPath, O_WRONLY | O_CREAT) { _ in }
        try synchronize(self.folder, isFolder: true)
    }
    /// Says that nothing was left undone, unless something is in doubt.
    public func close() {
        guard !isClosed.exchange(true, ordering: .relaxed), !isDoubtful else { return }
        unlink(openPath)
    }

    // MARK: Whose it is

    /// Looks whose tree it is, and marks one that has nothing in it.
    /// - Parameters:
    ///   - mark: of the database.
    ///   - isUsed: whether the database knows of any bytes.
    public func owner(_ mark: String, isUsed: Bool) throws(ObjectFileError) -> Owner {
        if let found = FileManager.default.contents(atPath: markPath) {
            if found == Data(mark.utf8) { return .own }
            guard found.isEmpty else { return .another }
        } else {
            if isUsed { return .unmarked }
            guard places.files(after: nil, limit: 1).ids.isEmpty else { return .unmarked }
        }
        try places.write(mark: mark)
        return .own
    }

    /// Whether files and the database may tell different things: the process before was killed, or something failed half-way.
    public var isDoubtful: Bool { doubtful.load(ordering: .relaxed) }
    public func doubt() { doubtful.store(true, ordering: .relaxed) }
    /// All was looked through.
    public func trust() { doubtful.store(false, ordering: .relaxed) }

    // MARK: In

    /// A place for bytes on their way in.
    public func upload() -> ObjectUpload { ObjectUpload(path: "\(incoming)/\(UUID().uuidString)", queues: queues) }

    /// Makes what has come the file of `id`, and returns when it is on the disk.
    /// - Throws: `ObjectFileError`; then there is no such file.
    public func keep(_ upload: ObjectUpload, as id: UUID) async throws {
        let source = upload.path
        // Of what is empty nothing has been written yet.
        if upload.size == 0 { try await upload.append([]) }
        try await queues.run { () throws(ObjectFileError) in
            try synchronize(self.name(source, id), isFolder: true)
        }
        upload.isKept()
    }
    /// The same with bytes that are at hand.
    public func keep(_ bytes: [UInt8], as id: UUID) async throws {
        let upload = upload()
        try await upload.append(bytes)
        try await keep(upload, as: id)
    }
    /// The same with several at once, which reach the disk together: the names of those in one folder cost it once.
    /// - Returns: those that are files; of the others there is none.
    public func keep(_ files: [(id: UUID, bytes: [UInt8])]) async -> Set<UUID> {
        let kept = try? await queues.run { self.keepNow(files) }
        return kept ?? []
    }
    private func keepNow(_ files: [(id: UUID, bytes: [UInt8])]) -> Set<UUID> {
        // All are written before the first is waited for, which then waits for the others as well.
        let written = files.filter { file in
            isDone { () throws(ObjectFileError) in try write(file.bytes, for: file.id) }
        }
        var named: [String: [UUID]] = [:]
        for file in written {
            let isNamed = isDone { () throws(ObjectFileError) in
                named[try name(temporaryPath(of: file.id), file.id), default: []].append(file.id)
            }
            if !isNamed { unlink(temporaryPath(of: file.id)) }
        }
        var kept: Set<UUID> = []
        for (folder, ids) in named {
            let isOnDisk = isDone { () throws(ObjectFileError) in try synchronize(folder, isFolder: true) }
            if isOnDisk { kept.formUnion(ids) } else { for id in ids { unlink(path(of: id).file) } }
        }
        return kept
    }
    private func isDone(_ body: () throws(ObjectFileError) -> Void) -> Bool {
        do { try body() } catch { return false }
        return true
    }
    private func temporaryPath(of id: UUID) -> String { "\(incoming)/\(id.uuidString)" }
    private func write(_ bytes: [UInt8], for id: UUID) throws(ObjectFileError) {
        do {
            try withFile(temporaryPath(of: id), O_WRONLY | O_CREAT) { (descriptor) throws(ObjectFileError) in
                try ObjectStore.write(bytes, to: descriptor, at: 0)
            }
        } catch {
            unlink(temporaryPath(of: id))
            throw error
        }
    }
    /// Brings a file to the disk and gives it its name.
    /// - Returns: the folder, which is to be brought to the disk.
    private func name(_ source: String, _ id: UUID) throws(ObjectFileError) -> String {
        try synchronize(source)
        let place = try place(of: id)
        guard rename(source, place.file) == 0 else { throw ObjectFileError(errno: errno, "rename") }
        return place.folder
    }

    private func path(of id: UUID) -> (folder: String, file: String) { places.place(of: id) }
    /// The same, with its folders on the disk.
    private func place(of id: UUID) throws(ObjectFileError) -> (folder: String, file: String) {
        let place = path(of: id), key = ObjectFolder.key(of: id)
        guard !folders.withLock({ $0.contains(key) }) else { return place }
        try places.makeFolders(of: id)
        folders.withLock { _ = $0.insert(key) }
        return place
    }

    // MARK: Out

    /// What the file of `id` has of `range`.
    public func read(_ range: Range<Int>, of id: UUID) async throws -> [UInt8] {
        let path = path(of: id).file
        return try await queues.run { () throws(ObjectFileError) in
            try withFile(path, O_RDONLY) { (descriptor) throws(ObjectFileError) in
                try ObjectStore.read(range, of: descriptor)
            }
        }
    }
    /// Where the file of `id` is, for those who can read nothing but files.
    public func file(of id: UUID) -> String { path(of: id).file }
    /// How many bytes the file of `id` has.
    public func size(of id: UUID) async throws -> Int {
        let path = path(of: id).file
        return try await queues.run { () throws(ObjectFileError) in
            var status = stat()
            guard stat(path, &status) == 0 else { throw ObjectFileError(errno: errno, "stat") }
            return Int(status.st_size)
        }
    }
    /// Which of `ids` have a file.
    public func existing(of ids: [UUID]) async throws -> Set<UUID> {
        let paths = ids.map { (id: $0, path: path(of: $0).file) }
        return try await queues.run { Set(paths.filter { access($0.path, F_OK) == 0 }.map(\.id)) }
    }
    /// Removes files; one that is not there is no failure. What cannot be removed is in doubt, also what a backup needs that is
    /// being made.
    /// - Returns: how many were removed.
    @discardableResult
    public func remove(_ ids: [UUID]) async -> Int {
        guard !ids.isEmpty else { return 0 }
        let paths = ids.map { path(of: $0).file }
        let (removed, left) = (try? await queues.run { self.removeNow(paths) }) ?? (0, 1)
        if left > 0 { doubt() }
        return removed
    }
    private func removeNow(_ paths: [String]) -> (removed: Int, left: Int) {
        let lock: RemovalLock?
        do { lock = try RemovalLock(of: folder, .remover) } catch { lock = nil }  // then no backup has one either
        if let lock, !lock.isTaken { return (0, paths.count) }
        return withExtendedLifetime(lock) {
            var removed = 0, left = 0
            for path in paths {
                if unlink(path) == 0 { removed += 1 } else if errno != ENOENT { left += 1 }
            }
            return (removed, left)
        }
    }
    /// Whether nothing can be removed at the moment, because a backup is being made.
    public var isStill: Bool { (try? RemovalLock(of: folder, .remover).isTaken) == false }

    // MARK: Held

    /// Says that somebody is about to name these files: until he has let go they are no orphans.
    public func hold(_ ids: [UUID]) { held.withLock { held in for id in ids { held[id, default: 0] += 1 } } }
    public func letGo(_ ids: [UUID]) {
        held.withLock { held in
            for id in ids { held[id] = held[id].flatMap { $0 > 1 ? $0 - 1 : nil } }
        }
    }
    public func unheld(of ids: [UUID]) -> [UUID] { held.withLock { held in ids.filter { held[$0] == nil } } }

    // MARK: All of them

    /// Where a walk through the tree has come to.
    public struct Position: Hashable, Sendable {
        var folder = 0
    }
    /// Ids of files, folder by folder, until there are `limit` or all of a folder, or the tree is at its end.
    public func walk(from position: Position? = nil, limit: Int) async throws -> (ids: [UUID], next: Position?) {
        try await queues.run { () throws(ObjectFileError) in self.places.files(after: position, limit: limit) }
    }
}
