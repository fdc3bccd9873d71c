import Foundation
import Records
import Scene

/// Streams in memory, with every transition remembered.
actor MemoryLedger: StreamLedger {
    private struct Entry {
        var stream: StreamDefinition
        var status: StreamStatus
        var error: String?
        var isFatal = false
        /// When its status was last set.
        var since = Date()
    }
    private var entries: [Entry] = []
    private(set) var log: [String] = []
    private(set) var recoveries = 0
    /// So many endings cannot be written down before one can.
    private var refusals = 0
    struct DiskFull: Error {}
    func refuseEndings(_ count: Int) { refusals = count }
    private var waiters: [(UUID, StreamStatus, CheckedContinuation<Void, Never>)] = []

    func add(_ stream: StreamDefinition, status: StreamStatus = .pending) {
        entries.append(Entry(stream: stream, status: status))
    }
    func status(of id: UUID) -> StreamStatus? { entries.first { $0.stream.id == id }?.status }
    func error(of id: UUID) -> String? { entries.first { $0.stream.id == id }?.error }
    func isFatal(_ id: UUID) -> Bool { entries.first { $0.stream.id == id }?.isFatal ?? false }
    /// What a user does.
    func set(_ id: UUID, _ status: StreamStatus) {
        guard let index = entries.firstIndex(where: { $0.stream.id == id }) else { return }
        change(index, status, nil)
    }
    func replace(_ stream: StreamDefinition) {
        guard let index = entries.firstIndex(where: { $0.stream.id == stream.id }) else { return }
        entries[index].stream = stream
        change(index, .pending, nil)
    }
    func delete(_ id: UUID) { entries.removeAll { $0.stream.id == id } }

    /// Returns when the stream has the status.
    func wait(for id: UUID, _ status: StreamStatus) async {
        if self.status(of: id) == status { return }
        await withCheckedContinuation { waiters.append((id, status, $0)) }
    }

    func waitingStreams(limit: Int) -> [WaitingStream] {
        entries.filter { $0.status == .pending }.prefix(limit).map {
            WaitingStream($0.stream.streamVersion, accountID: $0.stream.accountID, since: $0.since, isRetry: false)
        }
    }
    /// So many streams are taken although whoever takes them is told that it failed.
    private var lostAnswers = 0
    func loseAnswers(_ count: Int) { lostAnswers = count }
    func take(_ stream: StreamVersion) throws -> StreamDefinition? {
        guard let index = entries.firstIndex(where: { $0.stream.streamVersion == stream && $0.status == .pending })
        else { return nil }
        change(index, .inProgress, nil)
        if lostAnswers > 0 {
            lostAnswers -= 1
            throw Broken()
        }
        return entries[index].stream
    }
    func streamsInProgress() -> Set<StreamVersion> {
        Set(entries.filter { $0.status == .inProgress }.map(\.stream.streamVersion))
    }
    func putBack(_ streams: Set<StreamVersion>) {
        for index in entries.indices where entries[index].status == .inProgress {
            guard streams.contains(entries[index].stream.streamVersion) else { continue }
            change(index, .restart, nil)
            change(index, .pending, nil)
        }
    }
    func transition(
        _ stream: StreamVersion, from expected: StreamStatus, to status: StreamStatus, error: String?, isFatal: Bool
    ) throws -> Bool {
        if expected == .inProgress, refusals > 0 {
            refusals -= 1
            throw DiskFull()
        }
        guard
            let index = entries.firstIndex(where: { $0.stream.streamVersion == stream && $0.status == expected })
        else { return false }
        entries[index].isFatal = isFatal
        change(index, status, error)
        return true
    }
    func recoverFromUncleanStop() {
        recoveries += 1
        for index in entries.indices where entries[index].status == .inProgress { change(index, .pending, nil) }
    }
    func performAutorestarts(now: Date) throws -> Date? {
        supervisions += 1
        if isBroken { throw Broken() }
        guard let due = nextAutorestart else { return nil }
        guard now >= due else { return due }
        (nextAutorestart, lateness) = (nil, now.timeIntervalSince(due))
        return nil
    }
    /// When autorestart is to do something, which it does the first time it is asked after that, and how late that was.
    private var nextAutorestart: Date?
    private(set) var lateness: Double?
    func setAutorestart(_ due: Date) { nextAutorestart = due }
    /// How often the supervisor has asked.
    private(set) var supervisions = 0
    /// While true, the supervisor cannot work with it.
    private var isBroken = false
    func setBroken(_ isBroken: Bool) { self.isBroken = isBroken }
    private struct Broken: Error {}

    private func change(_ index: Int, _ status: StreamStatus, _ error: String?) {
        (entries[index].status, entries[index].since) = (status, Date())
        entries[index].error = error
        let id = entries[index].stream.id
        log.append(status.name)
        let done = waiters.filter { $0.0 == id && $0.1 == status }
        waiters.removeAll { $0.0 == id && $0.1 == status }
        for (_, _, continuation) in done { continuation.resume() }
    }
}
