import Foundation
import JSON
import Records
import Scene
import Synchronization

/// Batches of events that wait for the database, oldest first: in a file, and what the disk does not take in memory.
///
/// The file holds one batch a line, and a batch counts when its line is whole and has reached the disk; lines that are written
/// together share one `fdatasync`. It is emptied when all of it has been taken out; what was taken out before a crash is there
/// again after it. Batches that the database refuses for good are put aside in a file beside it.
final class EventSpool: Sendable {
    /// Bytes of the file and of memory at most. An event without pictures has half a kilobyte.
    static let fileLimit = 2 << 30, memoryLimit = 64 << 20

    private struct Waiting {
        let line: [UInt8]
        let continuation: CheckedContinuation<Bool, any Error>
    }
    /// Touched on `queue` alone.
    private struct Contents: ~Copyable {
        var handle: FileHandle?
        /// Where the lines lie that have not been taken out.
        var lines: [Range<Int>] = []
        var fileSize = 0
        var memory: [[UInt8]] = []
        var memorySize = 0
    }
    private let file: URL
    private let queue = DispatchQueue(label: "event spool")
    private let contents = Mutex(Contents())
    private let waiting = Mutex<[Waiting]>([])
    private let total = Atomic(0)

    /// Takes over what an earlier process has left in `file`.
    init(file: URL) {
        self.file = file
        contents.withLock { contents in
            guard let data = try? Data(contentsOf: file, options: .mappedIfSafe), !data.isEmpty else { return }
            var start = 0
            for end in data.indices where data[end] == UInt8(ascii: "\n") {
                contents.lines.append(start..<end)
                start = end + 1
            }
            contents.fileSize = start  // a line that was cut off was never promised to anybody
        }
        total.store(contents.withLock { $0.lines.count }, ordering: .relaxed)
    }

    var count: Int { total.load(ordering: .acquiring) }

    /// Returns when `batch` is kept; false when there is no room for it.
    func append(_ batch: EventBatch) async throws -> Bool {
        let line = Array(batch.json.data) + [UInt8(ascii: "\n")]
        return try await withCheckedThrowingContinuation { continuation in
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
        let kept = contents.withLock { contents in keep(taken.map(\.line), in: &contents) }
        for (waiting, isKept) in zip(taken, kept) { waiting.continuation.resume(returning: isKept) }
    }
    private func keep(_ lines: [[UInt8]], in contents: inout Contents) -> [Bool] {
        let size = lines.reduce(0) { $0 + $1.count }
        // Once something is in memory all that follows goes there too, so that nothing overtakes it.
        if contents.memory.isEmpty, contents.fileSize + size <= Self.fileLimit, write(lines, to: &contents) {
            var start = contents.fileSize
            for line in lines {
                contents.lines.append(start..<start + line.count - 1)
                start += line.count
            }
            contents.fileSize = start
            total.add(lines.count, ordering: .releasing)
            return lines.map { _ in true }
        }
        return lines.map { line in
            guard contents.memorySize + line.count <= Self.memoryLimit else { return false }
            contents.memory.append(line)
            contents.memorySize += line.count
            total.add(1, ordering: .releasing)
            return true
        }
    }
    /// Whether all of it is on the disk.
    private func write(_ lines: [[UInt8]], to contents: inout Contents) -> Bool {
        do {
            let handle = try contents.handle ?? open()
            contents.handle = handle
            try handle.seek(toOffset: UInt64(contents.fileSize))
            try handle.write(contentsOf: Data(lines.joined()))
            return fdatasync(handle.fileDescriptor) == 0
        } catch {
            return false  // a part that was written lies past the end that counts
        }
    }
    private func open() throws -> FileHandle {
        let descriptor = Glibc.open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// At most `limit` batches, the oldest first. They stay until `removeOldest`.
    func oldest(_ limit: Int) async throws -> [EventBatch] {
        try await onQueue { contents in
            guard !contents.lines.isEmpty else {
                return try contents.memory.prefix(limit).map { try EventBatch(line: $0.dropLast()) }
            }
            let handle = try contents.handle ?? self.open()
            contents.handle = handle
            return try contents.lines.prefix(limit).map { range in
                try handle.seek(toOffset: UInt64(range.lowerBound))
                return try EventBatch(line: [UInt8](handle.read(upToCount: range.count) ?? Data())[...])
            }
        }
    }
    /// Takes the oldest batches out, which `oldest` gave.
    /// - Parameter refused: those among them that the database will never take.
    func removeOldest(_ count: Int, refused: [EventBatch]) async {
        _ = try? await onQueue { contents in
            if !refused.isEmpty { self.putAside(refused) }
            if contents.lines.isEmpty {
                contents.memorySize -= contents.memory.prefix(count).reduce(0) { $0 + $1.count }
                contents.memory.removeFirst(count)
            } else {
                contents.lines.removeFirst(count)
                if contents.lines.isEmpty {
                    try? contents.handle?.truncate(atOffset: 0)
                    contents.fileSize = 0
                }
            }
            self.total.subtract(count, ordering: .releasing)
        }
    }
    private func putAside(_ batches: [EventBatch]) {
        let lines = batches.flatMap { Array($0.json.data) + [UInt8(ascii: "\n")] }
        guard let output = OutputStream(url: file.appendingPathExtension("refused"), append: true) else { return }
        output.open()
        _ = output.write(lines, maxLength: lines.count)
        output.close()
    }

    private func onQueue<Value: Sendable>(
        _ body: @escaping @Sendable (inout Contents) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try self.contents.withLock { try body(&$0) } }) }
        }
    }
}

extension EventBatch {
    /// A line of the spool cannot be read.
    struct BrokenLine: Error {}

    var json: JSONValue {
        func instant(_ instant: StoredEvent.Instant) -> JSONValue {
            [.integer(instant.offset.nanoseconds), .integer(Milliseconds.nearest(instant.time))]
        }
        return [
            "stream": .string(streamID.wire), "account": .string(accountID.wire), "time": .integer(time),
            "changes": .array(
                changes.map {
                    [
                        "id": .string($0.id.wire), "track": .string($0.trackID.wire), "type": .string($0.type),
                        "begin": instant($0.begin), "end": instant($0.end), "closing": .bool($0.isClosing),
                        "body": .string($0.body),
                    ]
                }),
            "due": .array(deliveries.map { [.string($0.eventID.wire), .string($0.callback)] }),
        ]
    }

    init(line: ArraySlice<UInt8>) throws {
        let json = try JSONValue(parsing: Array(line))
        func id(_ value: JSONValue?) throws -> UUID {
            guard let id = value?.string.flatMap(UUID.init(wire:)) else { throw BrokenLine() }
            return id
        }
        func instant(_ value: JSONValue?) throws -> StoredEvent.Instant {
            guard let pair = value?.array, pair.count == 2, let offset = pair[0].integer, let time = pair[1].integer
            else { throw BrokenLine() }
            return StoredEvent.Instant(offset: MediaTime(nanoseconds: offset), time: Milliseconds.date(time))
        }
        func text(_ value: JSONValue?) throws -> String {
            guard let text = value?.string else { throw BrokenLine() }
            return text
        }
        guard let time = json["time"]?.integer, let changes = json["changes"]?.array, let due = json["due"]?.array
        else {
            throw BrokenLine()
        }
        self.init(
            streamID: try id(json["stream"]), accountID: try id(json["account"]), time: time,
            changes: try changes.map {
                Change(
                    id: try id($0["id"]), trackID: try id($0["track"]), type: try text($0["type"]),
                    begin: try instant($0["begin"]), end: try instant($0["end"]), isClosing: $0["closing"] == true,
                    body: try text($0["body"]))
            },
            deliveries: try due.map { Due(eventID: try id($0.array?.first), callback: try text($0.array?.last)) })
    }
}
