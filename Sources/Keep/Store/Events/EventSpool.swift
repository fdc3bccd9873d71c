import Foundation
import SQL
import Synchronization

/// Batches of events that wait for the database, the oldest first: in a file, and what the disk does not take in memory.
///
/// Batches that come together reach the disk together. Those that the database refuses for good, and lines that a broken disk has
/// made unreadable, are put aside in a second file, for a person to look at.
final class EventSpool: Sendable {
    /// The oldest batches, as they were taken out to be written.
    struct Portion: Sendable {
        /// Batches that had been removed when this was read.
        fileprivate let removedBefore: Int
        let batches: [EventBatch]
        fileprivate let unreadable: [[UInt8]]
        fileprivate var count: Int { batches.count + unreadable.count }
    }
    private struct Waiting {
        let line: [UInt8]
        let continuation: CheckedContinuation<Bool, Never>
    }
    private struct Contents: ~Copyable {
        var file: SpoolFile
        var memory: ArraySlice<[UInt8]> = []
        var memorySize = 0
        var removedCount = 0
    }
    /// Bytes at most.
    private let fileLimit, memoryLimit: Int
    private let refusedFile: URL
    private let queue = DispatchQueue(label: "event spool")
    /// Locked on `queue` alone, so that no task waits for the disk.
    private let contents: Mutex<Contents>
    private let waiting = Mutex<[Waiting]>([])
    private let total: Atomic<Int>

    /// Takes over what an earlier process has left in `file`. An event without pictures takes half a kilobyte.
    init(file: URL, fileLimit: Int = 2 << 30, memoryLimit: Int = 64 << 20) throws(OpeningError) {
        (self.fileLimit, self.memoryLimit) = (fileLimit, memoryLimit)
        refusedFile = file.appendingPathExtension("refused")
        let lines = try SpoolFile(file)
        total = Atomic(lines.count)
        contents = Mutex(Contents(file: lines))
    }

    var count: Int { total.load(ordering: .acquiring) }

    /// Returns when `batch` is kept; false when there is no room for it.
    func append(_ batch: EventBatch) async -> Bool {
        let line = batch.line
        return await withCheckedContinuation { continuation in
            let isFirst = waiting.withLock { waiting in
                waiting.append(Waiting(line: line, continuation: continuation))
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
        let kept = contents.withLock { keep(taken.map(\.line), in: &$0) }
        total.add(kept.count { $0 }, ordering: .releasing)
        for (waiting, isKept) in zip(taken, kept) { waiting.continuation.resume(returning: isKept) }
    }
    private func keep(_ lines: [[UInt8]], in contents: inout Contents) -> [Bool] {
        let size = lines.reduce(0) { $0 + $1.count + 1 }
        moveToDisk(&contents)
        // While something is in memory all that follows goes there too, so that nothing overtakes it.
        if contents.memory.isEmpty, contents.file.size + size <= fileLimit, contents.file.append(lines) {
            return lines.map { _ in true }
        }
        return lines.map { line in
            guard contents.memorySize + line.count <= memoryLimit else { return false }
            contents.memory.append(line)
            contents.memorySize += line.count
            return true
        }
    }

    /// Moves what is in memory, the oldest first, as far as the disk takes it again.
    private func moveToDisk(_ contents: inout Contents) {
        let portionSize = 1 << 20  // what a full disk is tried with each time
        while !contents.memory.isEmpty {
            var portion: [[UInt8]] = []
            var size = 0
            for line in contents.memory where size < portionSize {
                portion.append(line)
                size += line.count + 1
            }
            guard contents.file.size + size <= fileLimit, contents.file.append(portion) else { return }
            contents.memory.removeFirst(portion.count)
            contents.memorySize -= size - portion.count
        }
    }

    /// At most `limit` batches, the oldest first. They stay until they are removed.
    /// - Throws: when the disk cannot be read.
    func oldest(_ limit: Int) async throws -> Portion {
        try await onQueue { contents in
            let lines = contents.file.count > 0 ? try contents.file.oldest(limit) : Array(contents.memory.prefix(limit))
            let batches = lines.map { try? EventBatch(line: $0) }
            return Portion(
                removedBefore: contents.removedCount, batches: batches.compactMap(\.self),
                unreadable: zip(lines, batches).filter { $1 == nil }.map(\.0))
        }
    }
    /// Removes a portion, unless somebody else has done so since it was read.
    /// - Parameter refused: those of its batches that the database will never take.
    /// - Returns: how many were put aside.
    /// - Throws: when they could not be put aside; then all stay.
    func remove(_ portion: Portion, refused: [EventBatch]) async throws -> Int {
        try await onQueue { contents in
            guard contents.removedCount == portion.removedBefore else { return 0 }
            let aside = portion.unreadable + refused.map(\.line)
            if !aside.isEmpty { try self.putAside(aside) }
            // What was read from memory may be on the disk by now, in part or whole.
            let fromFile = min(portion.count, contents.file.count), fromMemory = portion.count - fromFile
            if fromFile > 0 { contents.file.removeOldest(fromFile) }
            contents.memorySize -= contents.memory.prefix(fromMemory).reduce(0) { $0 + $1.count }
            contents.memory.removeFirst(fromMemory)
            contents.removedCount += portion.count
            self.total.subtract(portion.count, ordering: .releasing)
            return aside.count
        }
    }
    private func putAside(_ lines: [[UInt8]]) throws {
        var file = try SpoolFile(refusedFile)
        guard file.append(lines) else {
            throw SQLError(.unavailable, "\(refusedFile.lastPathComponent) cannot be written")
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
