import Crypto
import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import ObjectStore
import ObjectTransfer
import Records
import Scene
import Store
import Synchronization

/// What is written behind a link, block by block or at once, as Azure's block blobs are (`docs/contract/jobs.md` §7.1).
///
/// Blocks are objects of the job until they are put together; nobody sees the blob before that.
struct BlockUpload: Sendable {
    static let longestBlock = 100 << 20, mostBlocks = 50_000, longestBlob = 4_294_967_296
    /// Of a list of blocks: some 140 bytes for each.
    static let longestList = 8 << 20
    private static let nameKey = "Name", blockKey = "Block", blocksKey = "Blocks"

    let store: Store
    let job: Job
    let name: String
    /// Of the blob, in bytes.
    let limit: Int
    /// Called when a blob is there; returns false when it comes too late.
    let complete: @Sendable () async throws -> Bool

    // MARK: Requests

    func put(_ call: OpenCall, _ query: StorageQuery) async throws -> Response {
        switch query["comp"] {
        case "block": return try await putBlock(call, query["blockid"])
        case "blocklist": return try await putList(call)
        case nil: return try await putBlob(call)
        default: throw StorageError.badParameter("comp")
        }
    }

    private func putBlock(_ call: OpenCall, _ text: String?) async throws -> Response {
        guard let id = text.flatMap({ BlockID(base64: $0) }) else { throw StorageError.badParameter("blockid") }
        guard id.bytes.count <= BlockID.longest else { throw StorageError.longBlockID }
        let body = try await announced(call, atMost: Self.longestBlock), meta = [Self.blockKey: id.hex]
        let others = try await store.tally(ofJob: job.id, by: Self.blockKey, besides: id.hex)
        guard others.value.map({ $0.utf8.count == id.hex.utf8.count }) ?? true else {
            throw StorageError.otherBlockID
        }
        guard others.count < Self.mostBlocks else { throw StorageError.manyBlocks }
        guard others.bytes + (body.announced ?? 0) <= limit else { throw Refusal.bodyTooLarge }
        let (upload, _) = try await receive(call, body)
        _ = try await store.keep(upload, as: draft(meta))
        // Also of those that came at the same time the latest counts.
        let same = try await store.objects(ofJob: job.id, meta: meta)
        try await store.removeObjects(ofJob: job.id, same.dropLast().map(\.id))
        return answer(to: call)
    }

    private func putBlob(_ call: OpenCall) async throws -> Response {
        guard let type = call.request.headers[.storageBlobType] else { throw StorageError.noBlobType }
        guard type == "BlockBlob" else { throw StorageError.otherBlobType }
        let body = try await announced(call, atMost: limit), before = try await parts()
        let (upload, hash) = try await receive(call, body)
        let blob = try await keep(upload, blocks: "", insteadOf: before)
        return answer(to: call, blob, md5: hash)
    }

    private func putList(_ call: OpenCall) async throws -> Response {
        let body = try await announced(call, atMost: Self.longestList)
        let gathered = Mutex<[UInt8]>([])
        try await body.read { part in gathered.withLock { $0 += part.readableBytesView } }
        let bytes = gathered.withLock { $0 }
        try check(call, bytes)
        let list = try BlockList(xml: bytes), before = try await parts()
        guard list.entries.count <= Self.mostBlocks else { throw StorageError.manyBlocks }
        let found = try list.entries.map { entry in
            guard let part = before.part(entry) else { throw StorageError.badBlockList }
            return part
        }
        guard found.reduce(0, { $0 + $1.range.count }) <= limit else { throw StorageError(Refusal.bodyTooLarge) }
        guard let upload = try await join(found, in: store) else { throw StorageError.badBlockList }
        let blocks = zip(list.entries, found).map { "\($0.id.hex):\($1.range.count)" }.joined(separator: " ")
        return answer(to: call, try await keep(upload, blocks: blocks, insteadOf: before))
    }

    /// The blocks of a blob, so that an upload that was cut off goes on.
    func list(_ call: OpenCall, _ query: StorageQuery) async throws -> Response {
        let kind = query["blocklisttype"] ?? "committed"
        guard ["all", "committed", "uncommitted"].contains(kind) else {
            throw StorageError.badParameter("blocklisttype")
        }
        let parts = try await parts()
        func text(_ name: String, _ blocks: [(id: BlockID, size: Int)]) -> String {
            let lines = blocks.map { "<Block><Name>\($0.id.base64)</Name><Size>\($0.size)</Size></Block>" }
            return "<\(name)>\(lines.joined())</\(name)>"
        }
        var body = #"<?xml version="1.0" encoding="utf-8"?><BlockList>"#
        if kind != "uncommitted" { body += text("CommittedBlocks", parts.committed.map { ($0.id, $0.range.count) }) }
        if kind != "committed" {
            body += text(
                "UncommittedBlocks",
                parts.blocks.map { ($0.key, $0.value.size) }.sorted { $0.0.hex < $1.0.hex })
        }
        var response = answer(to: call, status: .ok)
        response.headers[.contentType] = "application/xml"
        response.body = ResponseBody(byteBuffer: .init(string: body + "</BlockList>"))
        return response
    }

    // MARK: What is there

    private struct Parts: Sendable {
        var blob: StoredObject?
        /// The blocks that the blob was put together from, and where they lie in it.
        var committed: [(id: BlockID, range: Range<Int>)] = []
        /// Of each of them where it lies first.
        var places: [BlockID: Range<Int>] = [:]
        var blocks: [BlockID: StoredObject] = [:]
        var all: [UUID] = []

        func part(_ entry: BlockList.Entry) -> ObjectPart? {
            if entry.kind != .committed, let block = blocks[entry.id] { return ObjectPart(block, 0..<block.size) }
            guard entry.kind != .uncommitted, let blob else { return nil }
            return places[entry.id].map { ObjectPart(blob, $0) }
        }
    }

    private func parts() async throws -> Parts {
        var parts = Parts()
        for object in try await store.objects(ofJob: job.id) {
            if object.meta[Self.nameKey] == name {
                parts.blob = object
            } else if let id = object.meta[Self.blockKey].flatMap({ BlockID(hex: $0) }) {
                parts.blocks[id] = object
            } else {
                continue
            }
            parts.all.append(object.id)
        }
        var place = 0
        for entry in (parts.blob?.meta[Self.blocksKey] ?? "").split(separator: " ") {
            let words = entry.split(separator: ":")
            guard words.count == 2, let id = BlockID(hex: words[0]), let size = Int(words[1]) else { continue }
            parts.committed.append((id, place..<place + size))
            if parts.places[id] == nil { parts.places[id] = place..<place + size }
            place += size
        }
        return parts
    }

    private func keep(_ upload: ObjectUpload, blocks: String, insteadOf before: Parts) async throws -> StoredObject {
        let blob = try await store.keep(
            upload, as: draft([Self.nameKey: name].merging(blocks.isEmpty ? [:] : [Self.blocksKey: blocks]) { $1 }))
        guard try await complete() else {
            try await store.removeObjects(ofJob: job.id, [blob.id])
            throw StorageError.closed
        }
        try await store.removeObjects(ofJob: job.id, before.all)
        return blob
    }
    private func draft(_ meta: [String: String]) -> ObjectDraft {
        var draft = ObjectDraft(
            accountID: job.accountID, kind: .object, contentType: "application/octet-stream", meta: meta,
            lifetime: .forever)  // it goes with the job
        draft.jobID = job.id
        return draft
    }

    // MARK: Bodies

    /// The body, of which is known how long it will be.
    private func announced(_ call: OpenCall, atMost limit: Int) async throws -> IncomingBytes {
        let body = try call.bytes()
        guard let length = body.announced else { throw StorageError.noLength }
        guard length <= limit else { throw Refusal.bodyTooLarge }
        return body
    }
    private func receive(_ call: OpenCall, _ body: IncomingBytes) async throws -> (ObjectUpload, md5: String) {
        let hash = Mutex(Insecure.MD5())
        let upload = try await ObjectTransfer.receive(body, of: job.accountID, in: store) { part in
            hash.withLock { $0.update(data: part) }
        }
        let found = hash.withLock { $0.finalize().base64 }
        if let wanted = call.request.headers[.contentMD5], wanted != found { throw StorageError.otherMD5 }
        return (upload, found)
    }
    private func check(_ call: OpenCall, _ bytes: [UInt8]) throws {
        guard let wanted = call.request.headers[.contentMD5] else { return }
        guard Insecure.MD5.hash(data: bytes).base64 == wanted else { throw StorageError.otherMD5 }
    }

    private func answer(
        to call: OpenCall, _ blob: StoredObject? = nil, md5: String? = nil, status: HTTPResponse.Status = .created
    ) -> Response {
        var headers: HTTPFields = [.storageRequestID: "\(call.context.requestID)", .contentLength: "0"]
        headers[.storageVersion] = call.request.headers[.storageVersion] ?? "2021-08-06"
        headers[.storageClientRequestID] = call.request.headers[.storageClientRequestID]
        headers[.storageEncrypted] = "true"
        headers[.date] = Date.now.httpDate
        headers[.contentMD5] = md5
        if let blob {
            headers[.eTag] = "\"\(blob.id.wire)\""
            headers[.lastModified] = blob.createTime.httpDate
        }
        if status != .created { headers[.contentLength] = nil }
        return Response(status: status, headers: headers)
    }
}

extension StorageError {
    static let badXML = StorageError(
        status: .badRequest, code: "InvalidXmlDocument", message: "XML specified is not syntactically valid.")
    static let badBlockList = StorageError(
        status: .badRequest, code: "InvalidBlockList", message: "The specified block list is invalid.")
    static func badParameter(_ name: String) -> StorageError {
        StorageError(
            status: .badRequest, code: "InvalidQueryParameterValue",
            message: "Value for one of the query parameters specified in the request URI is invalid: \(name).")
    }
    static let longBlockID = StorageError(
        status: .badRequest, code: "OutOfRangeInput",
        message: "One of the request inputs is out of range: the id of a block has at most 64 bytes.")
    static let otherBlockID = StorageError(
        status: .badRequest, code: "InvalidBlobOrBlock",
        message: "The specified blob or block content is invalid: all ids of one blob are equally long.")
    static let manyBlocks = StorageError(
        status: .conflict, code: "BlockCountExceedsLimit",
        message: "The uncommitted block count cannot exceed the maximum limit of 50,000 blocks.")
    static let closed = StorageError(
        status: .conflict, code: "InvalidOperation", message: "What was sent for this job is not taken any more.")
    static let noBlobType = StorageError(
        status: .badRequest, code: "MissingRequiredHeader",
        message: "An HTTP header that's mandatory for this request is not specified: x-ms-blob-type.")
    static let otherBlobType = StorageError(
        status: .badRequest, code: "InvalidHeaderValue",
        message: "The value for one of the HTTP headers is not in the correct format: x-ms-blob-type is BlockBlob here."
    )
    static let otherMD5 = StorageError(
        status: .badRequest, code: "Md5Mismatch",
        message: "The MD5 value specified in the request did not match with the MD5 value calculated by the server.")
    static let noLength = StorageError(
        status: .lengthRequired, code: "MissingContentLengthHeader", message: "Content-Length HTTP header is missing.")
    static let full = StorageError(
        status: .init(code: 507), code: "InsufficientStorage", message: "There is no room for what was sent.")

    init?(_ error: any Error) {
        switch error {
        case let error as StorageError: self = error
        case StoreError.quotaExceeded, StoreError.noRoomForObjects: self = .full
        case StoreError.jobIsOver: self = .closed
        case StoreError.unavailable:
            self.init(
                status: .serviceUnavailable, code: "ServerBusy",
                message: "The server is currently unable to receive requests. Please retry your request.")
        default: return nil
        }
    }
}

extension HTTPField.Name {
    static let storageClientRequestID = Self("x-ms-client-request-id")!
    static let storageEncrypted = Self("x-ms-request-server-encrypted")!
    static let contentMD5 = Self("Content-MD5")!
}
