import Foundation
import JSON
import KeepSupport
import Logging
import Notifications
import ObjectStore
import Records
import Store
import Synchronization
import Testing

@testable import Jobs

/// A bucket in memory, which lists its objects by their names.
private final class MemoryBucket: Bucket {
    struct Broken: Error {}

    private let objects = Mutex<[String: (bytes: [UInt8], tag: String)]>([:])
    private let reads = Mutex(0)
    private let broken = Mutex<Set<String>>([])

    func put(_ name: String, _ bytes: [UInt8], tag: String) { objects.withLock { $0[name] = (bytes, tag) } }
    /// From now on it cannot be read, or can be again.
    func set(_ name: String, isBroken: Bool) {
        broken.withLock { if isBroken { $0.insert(name) } else { $0.remove(name) } }
    }
    var names: [String] { objects.withLock { $0.keys.sorted() } }
    var readCount: Int { reads.withLock { $0 } }

    func entries() -> [BucketEntry] {
        objects.withLock { objects in
            objects.sorted { $0.key < $1.key }
                .map { BucketEntry(name: $0.key, tag: $0.value.tag, size: $0.value.bytes.count) }
        }
    }
    func bytes(of name: String, limit: Int) throws -> [UInt8] {
        reads.withLock { $0 += 1 }
        if broken.withLock({ $0.contains(name) }) { throw Broken() }
        guard let object = objects.withLock({ $0[name] }) else { throw FetchFailure(description: "It is gone") }
        return object.bytes
    }
    func remove(_ name: String) { objects.withLock { $0[name] = nil } }
}

struct BlobCollectorTests {
    private func blob(_ store: TemporaryStore, at time: Date = .now) async throws -> Job {
        var draft = JobDraft(accountID: store.account.id, kind: .blob)
        (draft.state, draft.keeping) = (.waitingForUpload, BlobRunner.keeping)
        return try await store.store.insert(draft, at: time)
    }

    @Test(.timeLimit(.minutes(30))) func whatIsPutIntoTheBucketIsTakenOnce() async throws {
        let store = try await TemporaryStore(.sqlite), bucket = MemoryBucket()
        func collector() -> BlobCollector {
            BlobCollector(store: store.store, bucket: bucket, logger: Logger(label: "test"))
        }
        var known: [UUID: String] = [:]
        #expect(try await !collector().look(at: .now, &known))
        let blob = try await blob(store), name = blob.id.wire
        bucket.put("another", [1], tag: "a")
        bucket.put(UUID().wire, [1], tag: "a")
        #expect(try await collector().look(at: .now, &known))
        #expect(try await store.store.job(id: blob.id)?.state == .waitingForUpload && bucket.readCount == 0)

        bucket.put(name, [1, 2, 3], tag: "first")
        for _ in 0..<3 { #expect(try await collector().look(at: .now, &known)) }
        // Nor by the next process.
        known = [:]
        #expect(try await collector().look(at: .now, &known))
        let items = try await store.store.items(ofJob: blob.id), objects = try await store.store.objects(ofJob: blob.id)
        #expect(items.map(\.name) == objects.map(\.id.wire) && items.count == 1 && bucket.readCount == 1)
        #expect(try await store.store.bytes(0..<3, of: objects[0]) == [1, 2, 3])
        #expect(try await store.store.job(id: blob.id)?.state == .queued)

        bucket.put(name, [4], tag: "second")
        #expect(try await collector().look(at: .now, &known))
        #expect(try await store.store.items(ofJob: blob.id).count == 2)
        bucket.put(name, [UInt8](repeating: 0, count: BlobRunner.byteLimit + 1), tag: "third")
        #expect(try await collector().look(at: .now, &known))
        let last = try #require(try await store.store.items(ofJob: blob.id).last)
        #expect(last.facts["refusal"]?.string?.hasPrefix("The upload has 15728641 bytes") == true)
        #expect(bucket.readCount == 2)
    }

    @Test(.timeLimit(.minutes(30))) func whatIsOverIsRemovedFromTheBucket() async throws {
        let store = try await TemporaryStore(.sqlite), bucket = MemoryBucket(), now = Date.now
        let collector = BlobCollector(store: store.store, bucket: bucket, logger: Logger(label: "test"))
        let old = try await blob(store, at: now - 1201), young = try await blob(store, at: now - 1199)
        let cancelled = try await blob(store, at: now)
        #expect(try await store.store.move(cancelled.id, to: .cancelled))
        for blob in [old, young, cancelled] { bucket.put(blob.id.wire, [1], tag: "a") }
        bucket.put("another", [1], tag: "a")
        var known: [UUID: String] = [:]
        #expect(try await collector.look(at: now, &known))
        #expect(bucket.names == [young.id.wire, "another"].sorted())
        #expect(try await !collector.look(at: now + 2, &known))
        #expect(bucket.names == ["another"])
    }

    @Test(.timeLimit(.minutes(30))) func whatCameWhileNobodyLookedIsTakenBeforeItGoes() async throws {
        let store = try await TemporaryStore(.sqlite), bucket = MemoryBucket(), now = Date.now
        let collector = BlobCollector(store: store.store, bucket: bucket, logger: Logger(label: "test"))
        let late = try await blob(store, at: now - 3600), cancelled = try await blob(store, at: now - 3600)
        #expect(try await store.store.move(cancelled.id, to: .cancelled))
        for blob in [late, cancelled] { bucket.put(blob.id.wire, [1, 2], tag: "a") }
        bucket.set(late.id.wire, isBroken: true)
        var known: [UUID: String] = [:]
        await #expect(throws: MemoryBucket.Broken.self) { try await collector.look(at: now, &known) }
        #expect(bucket.names == [late.id.wire])
        bucket.set(late.id.wire, isBroken: false)
        #expect(try await !collector.look(at: now, &known))
        #expect(bucket.names.isEmpty)
        #expect(try await store.store.job(id: late.id)?.state == .queued)
        #expect(try await store.store.objects(ofJob: late.id).map(\.size) == [2])
        #expect(try await store.store.items(ofJob: cancelled.id).isEmpty)
    }

    @Test(.timeLimit(.minutes(30))) func whatGoesWrongWithOneKeepsNobodyElseWaiting() async throws {
        var objects = ObjectConfiguration()
        objects.accountQuota = 3
        let store = try await TemporaryStore(.sqlite, objects: objects), bucket = MemoryBucket()
        let collector = BlobCollector(store: store.store, bucket: bucket, logger: Logger(label: "test"))
        var made: [Job] = []
        for _ in 0..<3 { made.append(try await blob(store)) }
        let blobs = made.sorted { $0.id.wire < $1.id.wire }
        bucket.put(blobs[0].id.wire, [1], tag: "a")
        bucket.set(blobs[0].id.wire, isBroken: true)
        bucket.put(blobs[1].id.wire, [1, 2, 3, 4], tag: "a")
        bucket.put(blobs[2].id.wire, [1, 2], tag: "a")
        var known: [UUID: String] = [:]
        for _ in 0..<2 {
            await #expect(throws: MemoryBucket.Broken.self) { try await collector.look(at: .now, &known) }
        }
        #expect(try await store.store.job(id: blobs[0].id)?.state == .waitingForUpload)
        let refused = try await store.store.items(ofJob: blobs[1].id)
        #expect(
            refused.map { $0.facts["refusal"] } == ["With the upload its account would have more than 3 bytes stored"])
        #expect(try await store.store.objects(ofJob: blobs[2].id).map(\.size) == [2])
        bucket.set(blobs[0].id.wire, isBroken: false)
        #expect(try await collector.look(at: .now, &known))
        #expect(try await store.store.objects(ofJob: blobs[0].id).map(\.size) == [1])
    }

    /// Of more blobs than one query asks for, among jobs of another kind.
    @Test(.timeLimit(.minutes(30))) func allThatLiesInTheBucketIsTaken() async throws {
        let store = try await TemporaryStore(.sqlite), bucket = MemoryBucket()
        let collector = BlobCollector(store: store.store, bucket: bucket, logger: Logger(label: "test"))
        let other = try await store.store.insert(JobDraft(accountID: store.account.id, kind: .anonymisation))
        bucket.put(other.id.wire, [1], tag: "a")
        var blobs: [Job] = []
        for _ in 0..<101 { blobs.append(try await blob(store)) }
        for blob in blobs { bucket.put(blob.id.wire, [1], tag: "a") }
        var known: [UUID: String] = [:]
        #expect(try await collector.look(at: .now, &known))
        #expect(Set(known.keys) == Set(blobs.map(\.id)) && bucket.readCount == 101)
        #expect(try await store.store.items(ofJob: other.id).isEmpty)
    }

    @Test func linksLeadToTheBucket() throws {
        #expect(BlobBucket("https://a.example/bucket") == nil && BlobBucket("s3+https://a.example/bucket") == nil)
        let bucket = try #require(BlobBucket("s3+http://key:secret@127.0.0.1:9000/pictures?region=eu-west-1"))
        let blob = Job(
            id: UUID(), sequence: 1, accountID: UUID(), kind: .blob, state: .waitingForUpload,
            createTime: Date(timeIntervalSince1970: 1_369_353_600))
        let link = try #require(bucket.link(to: blob, for: 300))
        #expect(link.hasPrefix("http://127.0.0.1:9000/pictures/\(blob.id.wire)?X-Amz-Algorithm=AWS4-HMAC-SHA256&"))
        #expect(link.contains("&X-Amz-Date=20130524T000000Z&X-Amz-Expires=300&") && link.contains("eu-west-1"))
        #expect(!link.contains("secret"))
    }
}
