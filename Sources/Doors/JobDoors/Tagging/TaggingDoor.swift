import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Jobs
import ObjectStore
import ObjectTransfer
import Records
import Store

/// `/process` and what belongs to it: tags of pictures and videos for a client that waits (`docs/contract/jobs.md` §4). It has a listener of
/// its own.
struct TaggingDoor: Sendable {
    private static let bodyLimit = 256 << 20
    /// What is told of past jobs.
    private static let memory = 86_400.0, memoryLimit = 1000

    let store: Store
    let engine: JobEngine
    let tagger: Tagger
    let configuration: JobDoorConfiguration
    let documents: JobDocuments

    var door: Door {
        let table = OpenTable(OpenGate())
        table.add("/test", .get { _ in Answer(json: ["test endpoint is": "OK"], status: .ok).response })
        table.add("/health-check", .get { _ in Answer(json: ["message": "OK"], status: .ok).response })
        table.add("/work/status", .get(status))
        table.add("/process", .post(body: .bytes(limit: Self.bodyLimit), process))
        documents.add(.tagging, to: table, behind: "")
        return Door(table: table, answer: { TaggingError($0).answer }, explain: { Self.known($0)?.answer })
    }
    private static func known(_ error: any Error) -> TaggingError? {
        switch error {
        case let error as TaggingError: error
        case let error as JobCancelled: TaggingError("CancelledError", error.description)
        case let end as PatienceEnd: TaggingError(end)
        case is CancellationError: TaggingError(PatienceEnd.shuttingDown)
        case StoreError.noRoomForObjects: TaggingError("OSError", "There is no room on the disk")
        default: nil
        }
    }

    // MARK: Tags

    /// The body lies on the disk until it is its turn, so that those who wait take no memory.
    @Sendable private func process(_ call: OpenCall) async throws -> Response {
        let whose = DoorAccount(login: configuration.taggingAccount, store: store)
        guard let account = try await whose.account() else { throw TaggingError.noAccount }
        do {
            let said: TaggingAnswer = try await call.patiently { body in
                let upload = try await receive(body, of: nil, in: store)
                let draft = JobDraft(
                    accountID: account.id, kind: .tagging, parameters: ["bytes": .integer(Int64(upload.size))],
                    items: [JobItemDraft(name: "documents")])
                return try await engine.attend(draft) { meter in
                    try await answer(
                        to: TaggingRequest(try await upload.bytes(), output: configuration.taggingOutput), meter)
                }
            }
            return Answer(json: said.wire, status: .ok, headers: [.connection: "close"]).response
        } catch {
            guard var known = Self.known(error) else { throw error }
            known.endsConnection = true
            throw known
        }
    }
    private func answer(to request: TaggingRequest, _ meter: JobMeter) async throws -> TaggingAnswer {
        if case .classes = request.form, !tagger.namesClasses { throw TaggingError.noModel }
        var answer = TaggingAnswer(data: [])
        for (number, document) in request.documents.enumerated() {
            try Task.checkCancellation()
            meter.set(done: number, of: request.documents.count)
            guard let medium = document.medium else {
                answer.untreated.append((document.id, .badType))
                continue
            }
            do {
                guard let bytes = document.bytes else { throw JobFailure("It has no content") }
                answer.data?.append(document.wire(try await tagger.tags(of: bytes, medium, request.form)))
            } catch is JobFailure {
                answer.untreated.append((document.id, .unsuitable))
            }
        }
        answer.memory = .now
        return answer
    }

    // MARK: Jobs

    @Sendable private func status(_ call: OpenCall) async throws -> Response {
        var filter = Filter<Job>()
        filter.require(.kinds, [.text(JobKind.tagging.rawValue)])
        let jobs = try await store.jobs(filter, page: Page(size: Self.memoryLimit))
        var wire: [String: JSONValue] = [:]
        for job in jobs where job.createTime > Date.now.addingTimeInterval(-Self.memory) {
            let done = await engine.progress(of: job.id)?.tally.weightDone ?? 0
            wire[job.id.wire] = [
                "uid": .string(job.id.wire), "status": .string(Self.text(of: job, documents: done)),
                "type_job": "Image Tagging Model Analysis",
            ]
        }
        return Answer(json: .object(wire), status: .ok).response
    }
    /// - Parameter documents: those that are over.
    private static func text(of job: Job, documents: Int) -> String {
        switch job.state {
        case .created: "Job started"
        case .waitingForUpload, .waitingForApproval, .queued: "Start tagging model Analysis"
        case .running: "Extracted Text From \(documents) Documents"
        case .done: "Job \(job.id.wire) Finished code 200"
        case .failed, .cancelled: "Job \(job.id.wire) Finished code 500"
        }
    }
}
