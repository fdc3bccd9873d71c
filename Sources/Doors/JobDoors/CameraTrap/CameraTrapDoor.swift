import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import Identity
import JSON
import Jobs
import Logging
import Records
import Store

/// `/v4/camera-trap/detection-batch`: a detector over the pictures of a container or a list, as the batch API of MegaDetector has it
/// (`docs/contract/jobs.md` §3).
struct CameraTrapDoor: Sendable {
    static let prefix = "/v4/camera-trap/detection-batch"
    private static let container = "batch"
    private static let bodyLimit = 1 << 20

    let store: Store
    let identity: Identity
    let engine: JobEngine
    let configuration: JobDoorConfiguration
    let aliases: Aliases
    /// Versions of models by which one may be asked for; the default is among them.
    let versions: [String]
    let defaultVersion: String
    /// The default model's name, for results.
    let detector: String
    private let documents: JobDocuments

    init(
        store: Store, identity: Identity, engine: JobEngine, configuration: JobDoorConfiguration, versions: [String],
        defaultVersion: String, detector: String, documents: JobDocuments
    ) {
        (self.store, self.identity, self.engine) = (store, identity, engine)
        (self.configuration, self.versions, self.defaultVersion) = (configuration, versions.sorted(), defaultVersion)
        (self.detector, self.documents) = (detector, documents)
        aliases = Aliases(configuration.callers, store)
    }

    var door: Door {
        let table = OpenTable(OpenGate()), prefix = Self.prefix
        table.add(prefix, .get { _ in Answer.text("Camera traps batch processing API. Instance: sightline").response })
        table.add("\(prefix)/request_detections", .post(body: .bytes(limit: Self.bodyLimit), request))
        table.add("\(prefix)/task/{id}", .get(task))
        table.add("\(prefix)/task/{id}/partial_results/{name}", .get(partialResults))
        documents.add(.cameraTrap, to: table, behind: prefix)
        table.add("\(prefix)/cancel_request", .post(body: .bytes(limit: Self.bodyLimit), cancel))
        table.add("\(prefix)/default_model_version", .get { _ in Answer.text(defaultVersion).response })
        table.add(
            "\(prefix)/supported_model_versions",
            .get { _ in Answer(json: .array(versions.map { .string($0) }), status: .ok).response })
        return Door(
            prefix: prefix, table: table, answer: { CameraTrapError($0).answer },
            explain: { ($0 as? CameraTrapError)?.answer })
    }

    @Sendable private func request(_ call: OpenCall) async throws -> Response {
        let body = try BatchBody(
            try await call.wholeBody(), contentType: call.request.headers[.contentType])
        guard let account = try await aliases.account(of: body.caller) else {
            throw CameraTrapError.notAllowed(configuration.contact, isRequest: true)
        }
        let request = try await self.request(body, of: account)
        var draft = JobDraft(accountID: account.id, kind: .cameraTrap, parameters: request.parameters)
        (draft.state, draft.keeping) = (.created, BatchConfiguration.keeping)
        do {
            let job = try await store.insert(draft, limit: configuration.batchLimit)
            return Answer(json: ["request_id": .string(job.id.bare)], status: .ok).response
        } catch StoreError.tooManyJobs {
            throw CameraTrapError(.serviceUnavailable, "Too many active jobs, please try again later")
        } catch {
            call.context.logger.error("A batch cannot be stored", metadata: ["error": "\(error)"])
            throw CameraTrapError(
                .internalServerError, "Error creating a job status entry: the database cannot be used at the moment")
        }
    }

    @Sendable private func cancel(_ call: OpenCall) async throws -> Response {
        let body = try BatchBody(
            try await call.wholeBody(), contentType: call.request.headers[.contentType])
        guard let text = body.members["request_id"]?.string, !text.isEmpty else {
            throw CameraTrapError(.badRequest, "request_id is a required field.")
        }
        guard let account = try await aliases.account(of: body.caller) else {
            throw CameraTrapError.notAllowed(configuration.contact, isRequest: false)
        }
        guard let id = UUID(bare: text), let job = try await job(id), job.accountID == account.id,
            BatchRequest(job.parameters).caller == body.caller
        else { throw CameraTrapError.taskNotFound }
        guard try await engine.move(id, of: account.id, to: .cancelled) else {
            let now = try await self.job(id)?.state ?? job.state
            throw CameraTrapError(.badRequest, "Task has \(BatchStatus.word(of: now)) and cannot be canceled")
        }
        return Answer.text("Canceling signal has been sent. You can verify the status at the /task endpoint").response
    }

    @Sendable private func task(_ call: OpenCall) async throws -> Response {
        guard let id = call.parameter("id").flatMap({ UUID(bare: $0) }), let job = try await job(id) else {
            throw CameraTrapError.taskNotFound
        }
        var link: String?, partial: String?
        if job.state == .running || job.state == .cancelled, job.tally.done + job.tally.failed > 0 {
            partial = call.context.baseURL + (try await partialLink(to: job))
        }
        if let name = job.result?.value["detections"]?.string {
            let expiry = job.expiry ?? Date.now.addingTimeInterval(BatchConfiguration.keeping / .seconds(1))
            let path = StorageDoor.path(Self.container, id.bare, name)
            let signed = try await StorageLink(path, .read, until: expiry).signed(by: identity, for: job.accountID)
            link = call.context.baseURL + signed
        }
        let status = BatchStatus(job: job, progress: await engine.progress(of: id), link: link, partialLink: partial)
        return Answer(json: status.wire(endpoint: "\(Self.prefix)/request_detections"), status: .ok).response
    }

    /// With what was done of a batch before, where one is named: of the same caller, by the same model.
    private func request(_ body: BatchBody, of account: Account) async throws -> BatchRequest {
        let request = try body.request(versions: versions)
        guard let previous = request.previous else { return request }
        guard let job = try await job(previous), job.accountID == account.id,
            case let before = BatchRequest(job.parameters), before.caller == request.caller
        else {
            throw CameraTrapError(.badRequest, "previous_request_id is no request of this caller.")
        }
        guard before.modelVersion ?? defaultVersion == request.modelVersion ?? defaultVersion else {
            throw CameraTrapError(.badRequest, "previous_request_id was processed by another model_version.")
        }
        return request
    }

    private func job(_ id: UUID) async throws -> Job? {
        guard let job = try await store.job(id: id), job.kind == .cameraTrap else { return nil }
        return job
    }
}
