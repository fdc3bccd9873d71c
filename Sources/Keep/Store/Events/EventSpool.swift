import Foundation
import Records
import SQL
import Sealing
import Synchronization

/// Batches of events that wait for the database, the oldest first: in a file, and what the disk does not take in memory.
///
/// Batches that come together reach the disk together. Batches that the database refuses for good, and lines that a broken disk
/// has made unreadable, are put aside in a second file, for a person to look at.
final class EventSpool: Sendable {
    /// The oldest batches, as they were taken out to be written.
    struct Portion: Sendable {
        /// Batches that had been removed when this was read.
        fileprivate let removedBefore: Int
        let batches: [EventBatch]
        fileprivate let unreadable: [[UInt8]]
        fileprivate var count: Int { batches.count + unreadable.count }
    }
    /// Bytes at most.
    struct Limits: Sendable {
        var file = 2 << 30
        var memory = 64 << 20
        /// Beyond `memory`, for streams that end: they cannot wait for room, and have nothing to say afterwards.
        var last = 16 << 20
        /// In memory, of what is put aside.
        var aside = 8 << 20
    }
    /// Where a batch is.
    enum Kept: Hashable, Sendable {
        case onDisk
        case inMemory(EventTicket)
        /// There is no room for it.
        case nowhere
    }
    private struct Waiting {
        let entry: SpoolEntry
        let isLast: Bool
        let continuation: CheckedContinuation<Kept, Never>
    }
    private struct Contents: ~Copyable {
        var file: SpoolFile
        var memory: ArraySlice<SpoolEntry> = []
        var memorySize = 0
        /// Batches that have ever been in memory; the last is the one with the ticket of that number.
        var memoryTotal = 0
        var removedCount = 0
        /// To be put aside as soon as the disk takes it; until then the file is not emptied.
        var aside: [[UInt8]] = []
    }
    private let limits: Limits
    private let room: DiskRoom
    private let refusedFile: URL
    private let vault: Vault
    private let queue = DispatchQueue(label: "event spool")
    /// Locked on `queue` alone, so that no task waits for the disk.
    private let contents: Mutex<Contents>
    private let waiting = Mutex<[Waiting]>([])
    private let total: Atomic<Int>
    private let inMemory = Atomic(0)
    let durability = Durability()

    /// Takes over what an earlier process has left in `file`. An event without pictures takes half a kilobyte.
    init(file: URL, vault: Vault, limits: Limits = Limits(), room: DiskRoom) throws(OpeningError) {
        (self.limits, self.room, self.vault) = (limits, room, vault)
        refusedFile = file.appendingPathExtension("refused")
        let lines = try SpoolFile(file)
        total = Atomic(lines.count)
        contents = Mutex(Contents(file: lines))
    }

    var count: Int { total.load(ordering: .acquiring) }
    /// Of these, the ones that are in memory alone.
    var memoryCount: Int { inMemory.load(ordering: .relaxed) }

    // MARK: In

    /// Returns when `entry` is kept, or cannot be.
    /// - Parameter isLast: of a stream that ends.
    func append(_ entry: SpoolEntry, isLast: Bool) async -> Kept {
        await withCheckedContinuation { continuation in
            let isFirst = waiting.withLock { waiting in
                waiting.append(Waiting(entry: entry, isLast: isLast, continuation: continuation))
                return waiting.count == 1
            }
            if isFirst { queue.async { self.appendWaiting() } }
        }
    }
    private func appendWaiting() {
        let taken = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        let kept = contents.withLock { contents in
            defer { noteMemory(of: contents) }
            return keep(taken, in: &contents)
        }
        total.add(kept.count { $0 != .nowhere }, ordering: .releasing)
        for (waiting, kept) in zip(taken, kept) { waiting.continuation.resume(returning: kept) }
    }
    /// What has left memory is on disk, but for what could not be put aside yet.
    private func noteMemory(of contents: borrowing Contents) {
        inMemory.store(contents.memory.count, ordering: .relaxed)
        guard contents.aside.isEmpty else { return }
        durability.advance(to: EventTicket(contents.memoryTotal - contents.memory.count))
    }
    private func keep(_ taken: [Waiting], in contents: inout Contents) -> [Kept] {
        if room.levelOfFiles != .exhausted { moveToDisk(&contents) }
        // While something is in memory all that follows goes there too, so that nothing overtakes it.
        if contents.memory.isEmpty, room.levelOfFiles != .exhausted, append(taken.map(\.entry.line), to: &contents.file)
        {
            return taken.map { _ in .onDisk }
        }
        return taken.map { keepInMemory($0.entry, isLast: $0.isLast, &contents) }
    }
    private func append(_ lines: [[UInt8]], to file: inout SpoolFile) -> Bool {
        file.size + lines.reduce(0) { $0 + $1.count + 1 } <= limits.file && file.append(lines)
    }

    private func keepInMemory(_ entry: SpoolEntry, isLast: Bool, _ contents: inout Contents) -> Kept {
        let limit = limits.memory + (isLast ? limits.last : 0)
        guard contents.memorySize + entry.line.count <= limit else { return .nowhere }
        contents.memory.append(entry)
        contents.memorySize += entry.line.count
        contents.memoryTotal += 1
        return .inMemory(EventTicket(contents.memoryTotal))
    }

    /// Moves what is in memory, the oldest first, as far as the disk takes it again.
    private func moveToDisk(_ contents: inout Contents) {
        putAside(&contents)
        let portionSize = 1 << 20  // what a full disk is tried with each time
        while !contents.memory.isEmpty {
            var portion: [[UInt8]] = []
            var size = 0
            for entry in contents.memory where size < portionSize {
                portion.append(entry.line)
                size += entry.line.count
            }
            guard append(portion, to: &contents.file) else { return }
            contents.memory.removeFirst(portion.count)
            contents.memorySize -= size
        }
    }

    /// Moves what is in memory to the disk, also into what is left of its reserve. Blocks.
    /// - Returns: how many batches the disk did not take.
    func flush() -> Int {
        queue.sync {
            contents.withLock { contents in
                moveToDisk(&contents)
                noteMemory(of: contents)
                return contents.memory.count
            }
        }
    }

    // MARK: Out

    /// At most `limit` batches and about `size` bytes, but one at least, the oldest first. They stay until they are removed.
    /// - Throws: when the disk cannot be read.
    func oldest(_ limit: Int, size: Int) async throws -> Portion {
        try await onQueue { contents in
            var left = size
            func fits(_ count: Int) -> Bool {
                defer { left -= count }
                return left >= 0
            }
            let lines =
                contents.file.count > 0
                ? try contents.file.oldest(limit, where: fits)
                : contents.memory.prefix(limit).prefix { fits($0.line.count) }.map(\.line)
            let batches = lines.map { try? EventBatch(line: $0, vault: self.vault) }
            return Portion(
                removedBefore: contents.removedCount, batches: batches.compactMap(\.self),
                unreadable: zip(lines, batches).filter { $1 == nil }.map(\.0))
        }
    }
    /// Removes a portion, unless somebody else has done so since it was read.
    /// - Parameter refused: those of its batches that the database will never take.
    /// - Returns: how many were put aside, or will be when the disk takes them.
    /// - Throws: when too much is to be put aside; then all stay.
    func remove(_ portion: Portion, refused: [EventBatch]) async throws -> Int {
        try await onQueue { contents in
            guard contents.removedCount == portion.removedBefore else { return 0 }
            let aside = portion.unreadable + refused.map(\.withoutDescriptors.line)
            contents.aside += aside
            self.putAside(&contents)
            guard contents.aside.reduce(0, { $0 + $1.count }) <= self.limits.aside else {
                contents.aside.removeLast(aside.count)
                throw SQLError(.unavailable, "\(self.refusedFile.lastPathComponent) cannot be written")
            }
            // What was read from memory may be on the disk by now, in part or whole.
            let fromFile = min(portion.count, contents.file.count), fromMemory = portion.count - fromFile
            contents.file.removeOldest(fromFile)
            contents.memorySize -= contents.memory.prefix(fromMemory).reduce(0) { $0 + $1.line.count }
            contents.memory.removeFirst(fromMemory)
            contents.removedCount += portion.count
            self.noteMemory(of: contents)
            if contents.aside.isEmpty { contents.file.emptyWhenAllIsTakenOut() }
            self.total.subtract(portion.count, ordering: .releasing)
            return aside.count
        }
    }
    private func putAside(_ contents: inout Contents) {
        guard !contents.aside.isEmpty, var file = try? SpoolFile(refusedFile), file.append(contents.aside) else {
            return
        }
        contents.aside = []
        contents.file.emptyWhenAllIsTakenOut()
    }

    /// Removes what was put aside of an account.
    /// - Returns: how many batches that were.
    func removeRefused(of account: UUID) throws -> Int {
        try queue.sync {
            guard FileManager.default.fileExists(atPath: refusedFile.path) else { return 0 }
            let lines = try Data(contentsOf: refusedFile).split(separator: UInt8(ascii: "\n"))
            let left = lines.filter { $0.range(of: Data(account.wire.utf8)) == nil }
            guard left.count < lines.count else { return 0 }
            if left.isEmpty {
                try FileManager.default.removeItem(at: refusedFile)
            } else {
                try Data(left.flatMap { $0 + [UInt8(ascii: "\n")] }).write(to: refusedFile, options: .atomic)
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: refusedFile.path)
            }
            return lines.count - left.count
        }
    }

    private func onQueue<Value: Sendable>(
        _ body: @escaping @Sendable (inout Contents) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try self.contents.withLock { try body(&$0) } }) }
        }
    }
}

/// A batch as it waits in the spool.
struct SpoolEntry: Sendable {
    let line: [UInt8]
    init(_ batch: EventBatch) { line = batch.line }
}
