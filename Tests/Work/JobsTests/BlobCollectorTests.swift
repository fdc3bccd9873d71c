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

/// A bucket in memory.
private final class MemoryBucket: Bucket {
    private let objects = Mutex<[String: (bytes: [UInt8], tag: String)]>([:])
    private let reads = Mutex(0)

    func put(_ name: String, _ bytes: [UInt8], tag: String) { objects.withLock { $0[name] = (bytes, tag) } }
    var names: [String] { objects.withLock { $0.keys.sorted() } }
    var readCount: Int { reads.withLock { $0 } }

    func entries() -> [BucketEntry] {
        objects.withLock { objects in
            objects.map { BucketEntry(name: $0.key, tag: $0.value.tag, size: $0.value.bytes.count) }
        }
    }
    func bytes(of name: String, limit: Int) throws -> [UInt8] {
        reads.withLock { $0 += 1 }
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

    @Test(.timeLimit(.minutes(10))) func whatIsPutIntoTheBucketIsTakenOnce() async throws {
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

    @Test(.timeLimit(.minutes(10))) func whatIsOverIsRemovedFromTheBucket() async throws {
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
