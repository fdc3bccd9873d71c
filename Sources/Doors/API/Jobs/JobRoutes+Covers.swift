import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Jobs
import ObjectStore
import Recognition
import Records
import Scene
import Store

// A file whose people are to be covered, handed in with one request, and what comes of it.
extension JobRoutes {
    /// What may be handed in here.
    private enum Kind: String { case anonymisation }

    @Sendable func create(_ call: Call) async throws -> Response {
        let kind: Kind? = try call.query.choice("kind")
        guard kind != nil else { throw Refusal.badQuery("kind") }
        let request = try CoverRequest(call.query)
        guard !request.wishes.faces || services.pictures.looker.findsFaces else {
            throw APIError.noFeature("Face detection")
        }
        let upload = try await services.receive(call)
        guard upload.size > 0 else { throw APIError.noBytes }
        let id = try await handIn(upload, request, for: call.caller.account.id)
        return .created("/6/jobs/\(id.wire)", ["job_id": .string(id.wire)], isAbsolute: false, by: call)
    }

    /// It begins once all of it is there.
    private func handIn(_ upload: ObjectUpload, _ request: CoverRequest, for account: UUID) async throws -> UUID {
        var draft = JobDraft(accountID: account, kind: .anonymisation, parameters: request.parameters)
        (draft.state, draft.keeping) = (.waitingForUpload, CoverRequest.keeping)
        let id = try await store.insert(draft, limit: CoverRequest.waitingLimit).id
        do {
            var object = ObjectDraft(
                accountID: account, kind: .object, contentType: "application/octet-stream",
                meta: ["Name": CoverRequest.uploadName], lifetime: .forever)  // it goes with the job
            object.jobID = id
            _ = try await store.keep(upload, as: object)
            guard try await store.move(id, to: .created) else { throw StoreError.jobIsOver }
        } catch StoreError.jobIsOver {
            throw APIError.jobIsOver(.cancelled)
        } catch {
            _ = try await store.deleteJob(id: id, account: account)
            throw error
        }
        return id
    }

    /// The file that one of its items has become.
    @Sendable func result(_ call: Call) async throws -> Response {
        let number = try call.query.integer("item", in: 0...Int(Int32.max)) ?? 0
        let job = try await job(call)
        guard let item = try await store.items(ofJob: job.id, after: number - 1, limit: 1).first,
            item.number == number, item.state == .done, let name = item.facts["output"]?.string,
            let object = try await store.objects(ofJob: job.id).last(where: { $0.meta["Name"] == name })
        else { throw APIError.noResult(item: number) }
        return try await services.answer(
            with: object, to: call,
            headers: [.contentDisposition: "attachment; filename*=UTF-8''\(name.percentEncoded)"])
    }
}

extension CoverRequest {
    /// As the query of `POST /6/jobs` has it.
    fileprivate init(_ query: Query) throws(Refusal) {
        guard let path = try query.text("file_name", maximumLength: 4096), let name = CoverRequest.name(of: path),
            CoverRequest.unknownEnding(of: name) == nil
        else { throw .badQuery("file_name") }
        var wishes = CoverWishes()
        wishes.faces = try query.flag("blur_face", orElse: wishes.faces)
        wishes.threshold = try query.number("blur_threshold", in: 0...1) ?? wishes.threshold
        wishes.isShaped = try query.flag("mask_blur", orElse: wishes.isShaped)
        wishes.slices = try query.flag("slicing", orElse: wishes.slices)
        wishes.bodies = try query.flag("blur_body", orElse: wishes.bodies)
        wishes.follows = try query.flag("blur_track", orElse: wishes.follows)
        guard wishes.faces || wishes.bodies else { throw .badQuery("blur_face") }
        self.init(
            fileName: name, fileSize: nil, wishes: wishes,
            configuration: [
                "blur_face": .bool(wishes.faces), "blur_threshold": .number(wishes.threshold),
                "mask_blur": .bool(wishes.isShaped), "slicing": .bool(wishes.slices),
                "blur_body": .bool(wishes.bodies), "blur_track": .bool(wishes.follows),
            ], needsNoApproval: true)
    }
}

extension String {
    /// As RFC 8187 has names in headers.
    fileprivate var percentEncoded: String {
        addingPercentEncoding(
            withAllowedCharacters: .alphanumerics.intersection(.init(charactersIn: "\u{0}"..."\u{7e}")))!
    }
}
