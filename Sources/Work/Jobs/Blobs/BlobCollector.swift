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
    /// For which what is left in the bucket is removed.
    private static let memory: TimeInterval = 86_400

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
        let blobs = try await blobs(since: now.addingTimeInterval(-Self.memory))
        known = known.filter { blobs[$0.key] != nil }
        guard !blobs.isEmpty else { return false }
        func isOpen(_ blob: Job) -> Bool {
            blob.state != .cancelled && blob.createTime.addingTimeInterval(BlobRunner.lifetime + Self.grace) > now
        }
        var failure: (any Error)?  // the first
        for entry in try await bucket.entries() {
            guard let id = UUID(wire: entry.name), let blob = blobs[id] else { continue }
            do {
                // Also what came while nobody looked.
                if blob.state != .cancelled, known[id] != entry.tag {
                    try await take(entry, for: blob)
                    known[id] = entry.tag
                }
                if !isOpen(blob) { try await bucket.remove(entry.name) }
            } catch {
                try Task.checkCancellation()
                if case StoreError.unavailable = error { throw error }
                // Another's turn comes all the same.
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return blobs.values.contains(where: isOpen)
    }
    private func blobs(since time: Date) async throws -> [UUID: Job] {
        var filter = Filter<Job>(), blobs: [UUID: Job] = [:]
        filter.require(.kinds, [.text(JobKind.blob.rawValue)])
        for number in 1... {
            let page = Page(number: number, size: 1000)
            let jobs = try await store.jobs(filter, page: page)
            for job in jobs where job.createTime > time { blobs[job.id] = job }
            if jobs.count < page.limit || jobs.last.map({ $0.createTime <= time }) ?? true { break }
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
