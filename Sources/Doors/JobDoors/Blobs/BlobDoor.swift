import Addresses
import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import Identity
import JSON
import Jobs
import Notifications
import Records
import Store

/// `/blobs`: a link to put a picture behind, and labels of what it shows (`docs/contract/jobs.md` §5).
struct BlobDoor: Sendable {
    /// What may stand before the path, as the original has it.
    private static let stages = ["", "/dev", "/test", "/prod"]
    private static let bodyLimit = 64 << 10

    let store: Store
    let identity: Identity
    let configuration: JobDoorConfiguration
    let callbackNetwork: NetworkPolicy
    var documents = JobDocuments()

    var doors: [Door] {
        Self.stages.map { stage in
            let table = OpenTable(OpenGate()), prefix = stage + "/blobs"
            table.add(prefix, .post(body: .bytes(limit: Self.bodyLimit), create))
            table.add("\(prefix)/{blob_id}", .get(read))
            documents.add(.blobs, to: table, behind: prefix)
            return Door(prefix: prefix, table: table, answer: { BlobError($0).answer }, explain: Self.explain)
        }
    }
    @Sendable private static func explain(_ error: any Error) -> HTTPEdge.Answer? {
        switch error {
        case let error as BlobError: return error.answer
        case IdentityError.tooManyLogins(let wait):
            var answer = BlobError(.tooManyRequests, "Too many logins failed").answer
            answer.headers[.retryAfter] = "\(Int((wait / .seconds(1)).rounded(.up)))"
            return answer
        default: return nil
        }
    }

    @Sendable private func create(_ call: OpenCall) async throws -> Response {
        let account = try await owner(of: call, action: "creation")
        let bytes = try await call.wholeBody(), body = try? JSONValue(parsing: bytes)
        guard let url = body?["callback_url"], let text = url.string,
            let callback = try? Callback(jobURL: JSONReader(url), in: callbackNetwork)
        else { throw BlobError.badCallback }
        var draft = JobDraft(accountID: account.id, kind: .blob, parameters: BlobRunner.parameters(callback))
        (draft.state, draft.keeping) = (.waitingForUpload, BlobRunner.keeping)
        draft.expiry = Date.now.addingTimeInterval(BlobRunner.patience)
        let blob: Job
        do {
            blob = try await store.insert(draft, limit: configuration.blobsWaitingLimit)
        } catch StoreError.tooManyJobs {
            throw BlobError.tooMany
        }
        let link =
            if let link = configuration.blobsBucket?.link(to: blob, for: BlobRunner.lifetime) { link } else {
                call.context.baseURL
                    + (try await BlobUploadDoor(store: store, identity: identity).link(to: blob))
            }
        return HTTPEdge.Answer(
            json: [
                "blob_id": .string(blob.id.wire), "callback_url": .string(text),
                "upload_url": .string(link),
            ], status: .created
        ).response
    }

    @Sendable private func read(_ call: OpenCall) async throws -> Response {
        // Whoever may read any must know its id.
        let account = configuration.isOpenForBlobs ? nil : try await owner(of: call, action: "view").id
        guard let id = call.parameter("blob_id").flatMap({ UUID(wire: $0) }),
            let blob = try await store.job(id: id, account: account), blob.kind == .blob
        else { throw BlobError.notFound }
        return HTTPEdge.Answer(json: BlobStatus(blob).wire, status: .ok).response
    }

    /// Whose the blob is, or must be.
    private func owner(of call: OpenCall, action: String) async throws -> Account {
        if configuration.isOpenForBlobs {
            guard let account = try await DoorAccount(login: configuration.blobsAccount, store: store).account() else {
                throw BlobError.noAccount
            }
            return account
        }
        guard let account = try await RequestAccount(identity: identity, action: action).account(of: call) else {
            throw BlobError.noCredentials
        }
        return account
    }
}
