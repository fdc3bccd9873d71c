import Foundation
import JSON
public import Logging
public import Notifications
import ObjectStore
import Records
public import ServiceLifecycle
public import Store

/// Takes what clients put into a bucket for blobs, of which nobody tells the daemon: it looks through the bucket, each second while links to it
/// are good.
public struct BlobCollector: Service {
    private static let interval = Duration.seconds(1), quietInterval = Duration.seconds(30)
    /// After a link has expired, for an upload that began in time.
    private static let grace: TimeInterval = 900
    /// After the latest blob was made, in which the bucket is looked through.
    private static let memory: TimeInterval = 86_400
    /// Blobs that one query asks for.
    private static let portion = 100

    private let store: Store
    private let bucket: any Bucket
    private let logger: Logger

    public init?(store: Store, bucket: BlobBucket, downloader: Downloader, logger: Logger) {
        guard let container = S3Container(bucket.address, downloader) else { return nil }
        self.init(store: store, bucket: container, logger: logger)
    }
    init(store: Store, bucket: any Bucket, logger: Logger) {
        (self.store, self.bucket, self.logger) = (store, bucket, logger)
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown { await work() }
    }

    private func work() async {
        let changes = store.changes.changes { $0 == .jobs }
        var known: [UUID: String] = [:], isWell = true
        while !Task.isCancelled {
            var pause = Self.quietInterval
            do {
                if try await look(at: .now, &known) { pause = Self.interval }
                isWell = true
            } catch {
                guard !Task.isCancelled else { return }
                if isWell {
                    logger.warning(
                        "The bucket of blobs cannot be looked through", metadata: [LogKey.error: "\(error)"])
                }
                (isWell, pause) = (false, Self.interval)
            }
            await withTaskGroup(of: Void.self) { [pause] group in
                if pause == Self.quietInterval {
                    group.addTask {
                        for await _ in changes { break }
                    }
                }
                group.addTask { try? await Task.sleep(for: pause) }
                defer { group.cancelAll() }
                await group.next()
            }
        }
    }

    /// - Parameter known: the tags of what was taken.
    /// - Returns: whether there may be more in a moment.
    func look(at now: Date, _ known: inout [UUID: String]) async throws -> Bool {
        guard try await hasBlob(since: now.addingTimeInterval(-Self.memory)) else { return false }
        let opening = now.addingTimeInterval(-BlobRunner.lifetime - Self.grace)
        let entries = try await bucket.entries(), blobs = try await blobs(of: entries)
        known = known.filter { blobs[$0.key] != nil }
        var failure: (any Error)?  // the first
        for entry in entries {
            guard let id = UUID(wire: entry.name), let blob = blobs[id] else { continue }
            do {
                // Also what came while nobody looked.
                if blob.state != .cancelled, known[id] != entry.tag {
                    try await take(entry, for: blob)
                    known[id] = entry.tag
                }
                if blob.state == .cancelled || blob.createTime <= opening { try await bucket.remove(entry.name) }
            } catch {
                try Task.checkCancellation()
                if case StoreError.unavailable = error { throw error }
                // Another's turn comes all the same.
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return try await hasBlob(since: opening, in: JobState.allCases.filter { $0 != .cancelled })
    }
    /// Whether there is one that was made after `time`. Anybody may make them, so none is read but the latest.
    /// - Parameter states: only in these; `nil`: in any.
    private func hasBlob(since time: Date, in states: [JobState]? = nil) async throws -> Bool {
        var filter = Filter<Job>()
        filter.require(.kinds, [.text(JobKind.blob.rawValue)])
        if let states { filter.require(.states, states.map { .text($0.rawValue) }) }
        return try await store.jobs(filter, page: Page(size: 1)).contains { $0.createTime > time }
    }
    /// Those that something lies in the bucket for.
    private func blobs(of entries: [BucketEntry]) async throws -> [UUID: Job] {
        let ids = entries.compactMap { UUID(wire: $0.name) }
        var blobs: [UUID: Job] = [:]
        for start in stride(from: 0, to: ids.count, by: Self.portion) {
            var filter = Filter<Job>()
            filter.require(.ids, ids[start..<min(start + Self.portion, ids.count)].map { .id($0) })
            for job in try await store.jobs(filter, page: Page(size: Self.portion)) where job.kind == .blob {
                blobs[job.id] = job
            }
        }
        return blobs
    }

    /// What was taken before the daemon was started anew is not taken again.
    private func take(_ entry: BucketEntry, for blob: Job) async throws {
        let items = try await store.items(ofJob: blob.id, after: blob.tally.items - 2)
        guard items.last?.facts["tag"]?.string != entry.tag else { return }
        guard entry.size <= BlobRunner.byteLimit else {
            return try await refuse(
                entry, for: blob, "The upload has \(entry.size) bytes, more than \(BlobRunner.byteLimit)")
        }
        let upload = store.upload()
        try await upload.append(try await bucket.bytes(of: entry.name, limit: BlobRunner.byteLimit))
        var draft = ObjectDraft(
            accountID: blob.accountID, kind: .object, contentType: "application/octet-stream",
            meta: ["Name": BlobRunner.nameOfUpload])
        (draft.jobID, draft.expiry) = (blob.id, Date.now.addingTimeInterval(BlobRunner.keepingOfUploads))
        let object: StoredObject
        do { object = try await store.keep(upload, as: draft) } catch StoreError.quotaExceeded(let limit) {
            return try await refuse(
                entry, for: blob, "With the upload its account would have more than \(limit) bytes stored")
        }
        let item = JobItemDraft(name: object.id.wire, facts: ["tag": .string(entry.tag)])
        if try await !store.addUpload(item, toJob: blob.id) {
            try await store.removeObjects(ofJob: blob.id, [object.id])
        }
    }
    /// - Parameter reason: in a sentence.
    private func refuse(_ entry: BucketEntry, for blob: Job, _ reason: String) async throws {
        _ = try await store.addUpload(
            JobItemDraft(name: "", facts: ["tag": .string(entry.tag), "refusal": .string(reason)]), toJob: blob.id)
    }
}
