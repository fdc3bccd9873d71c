import Crypto
import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import Identity
import Jobs
import ObjectStore
import ObjectTransfer
import Records
import Store

/// `/storage/blobs/{blob}`: takes what blobs show, by links that are credentials of their own (`docs/contract/jobs.md` §7).
struct BlobUploadDoor: Sendable {
    static let prefix = StorageDoor.prefix + "/blobs"

    let store: Store
    let identity: Identity

    /// - Returns: path and query.
    func link(to blob: Job) async throws -> String {
        try await StorageLink(
            "\(Self.prefix)/\(blob.id.wire)", .write, until: blob.createTime.addingTimeInterval(BlobRunner.lifetime)
        ).signed(by: identity, for: blob.accountID)
    }

    var door: Door {
        let table = OpenTable(OpenGate())
        table.add("\(Self.prefix)/{blob}", .put(body: .bytes(limit: BlobRunner.byteLimit), put))
        return Door(
            prefix: Self.prefix, table: table, answer: { BucketError($0).answer() }, explain: Self.explain)
    }
    @Sendable private static func explain(_ error: any Error) -> Answer? {
        switch error {
        case let error as BucketError: error.answer()
        case StoreError.noRoomForObjects, StoreError.quotaExceeded: BucketError.noRoom.answer()
        case StoreError.jobIsOver: BucketError.gone.answer()
        default: nil
        }
    }

    /// Nothing is stored before the last byte is there. What comes again is looked at again.
    @Sendable private func put(_ call: OpenCall) async throws -> Response {
        guard let (link, account) = try await StorageLink.open(call.request.uri.string, by: identity),
            link.rights.contains(.write)
        else { throw BucketError.notSigned }
        guard link.expiry > .now else { throw BucketError.expired(at: link.expiry) }
        guard let id = call.parameter("blob").flatMap({ UUID(wire: $0) }),
            let blob = try await store.job(id: id, account: account), blob.kind == .blob
        else { throw BucketError.gone }
        let upload = try await receive(call.bytes(), of: account, in: store)
        let sum = Insecure.MD5.hash(data: try await upload.bytes()).hexadecimal
        var draft = ObjectDraft(
            accountID: account, kind: .object,
            contentType: call.request.headers[.contentType] ?? "application/octet-stream",
            meta: ["Name": BlobRunner.nameOfUpload])
        (draft.jobID, draft.expiry) = (id, Date.now.addingTimeInterval(BlobRunner.keepingOfUploads))
        let object = try await store.keep(upload, as: draft)
        guard try await store.addUpload(JobItemDraft(name: object.id.wire), toJob: id) else {
            try await store.removeObjects(ofJob: id, [object.id])
            throw BucketError.gone
        }
        return Response(
            status: .ok,
            headers: [.eTag: "\"\(sum)\"", .bucketRequestID: BucketError.requestID(), .contentLength: "0"])
    }
}
