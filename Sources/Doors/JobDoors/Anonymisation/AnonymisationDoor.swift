import Addresses
import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import Identity
import JSON
import Jobs
import Records
import Store
import Synchronization

/// `/v1`: files in which people are made unrecognisable (`docs/contract/jobs.md` §6).
struct AnonymisationDoor: Sendable {
    static let prefix = "/v1"
    /// Where uploads and results are found.
    static let container = "anonymisation"
    static let bodyLimit = 1 << 20
    private static let keyLength = 36
    private static let key = HTTPField.Name("access_token")!, jobID = HTTPField.Name("job_id")!

    let store: Store
    let identity: Identity
    let engine: JobEngine
    let findsFaces: Bool
    /// Where callbacks may go.
    let callbackNetwork: NetworkPolicy
    private let documents: JobDocuments
    private let keys: Aliases
    private let calls: CallRate

    init(
        store: Store, identity: Identity, engine: JobEngine, configuration: JobDoorConfiguration,
        callbackNetwork: NetworkPolicy, findsFaces: Bool, documents: JobDocuments
    ) {
        (self.store, self.identity, self.engine, self.findsFaces) = (store, identity, engine, findsFaces)
        (self.callbackNetwork, self.documents) = (callbackNetwork, documents)
        keys = Aliases(configuration.anonymisationKeys, store)
        calls = CallRate(limit: configuration.anonymisationRate)
    }

    var door: Door {
        let table = OpenTable(OpenGate()), prefix = Self.prefix
        for name in ["create_upload_session", "start_upload"] {
            table.add("\(prefix)/\(name)", .post(body: .bytes(limit: Self.bodyLimit), create))
        }
        table.add("\(prefix)/direct_upload/{file_name}", .put(body: .bytes(limit: CoverRequest.largest), direct))
        table.add("\(prefix)/approve_job/{job_id}", .post(body: .bytes(limit: Self.bodyLimit), approve))
        for name in ["job_result", "get_job_result"] { table.add("\(prefix)/\(name)/{job_id}", .get(report)) }
        table.add("\(prefix)/cancel_job/{job_id}", .post(body: .bytes(limit: Self.bodyLimit), cancel))
        table.add("\(prefix)/cancel_task/{task_id}", .post(body: .bytes(limit: Self.bodyLimit), cancelTask))
        table.add("\(prefix)/job/{job_id}", .delete(delete))
        table.add(
            "\(prefix)/notify_on_job_status", .post(body: .bytes(limit: Self.bodyLimit), notify), .delete(unnotify))
        table.add("\(prefix)/credits", .get(credits))
        documents.add(.anonymisation, to: table, behind: prefix)
        return Door(
            prefix: prefix, table: table, answer: { AnonymisationError($0).answer },
            explain: { ($0 as? AnonymisationError)?.answer })
    }

    /// Whose key a call comes with.
    func account(of call: OpenCall) async throws -> Account { try await holder(of: call).account }
    /// With what the operator says of the key.
    func holder(of call: OpenCall) async throws -> (account: Account, entry: Aliases.Entry) {
        guard let key = call.request.headers[Self.key], key.count == Self.keyLength,
            let holder = try await keys.holder(of: key)
        else { throw AnonymisationError.noKey }
        guard calls.admits(key) else { throw AnonymisationError.tooOften }
        return holder
    }
    private func job(_ call: OpenCall) async throws -> Job {
        let account = try await account(of: call)
        return try await job(try id(call), of: account)
    }
    func query(of call: OpenCall) -> [(String, String)] {
        call.request.uri.queryParameters.map { (String($0.key), String($0.value)) }
    }
    private func id(_ call: OpenCall) throws -> UUID {
        guard let id = call.parameter("job_id").flatMap({ UUID(bare: $0) }) else { throw AnonymisationError.noJob }
        return id
    }
    /// One whose upload never came is over.
    func job(_ id: UUID, of account: Account) async throws -> Job {
        guard let job = try await store.job(id: id, account: account.id), job.kind == .anonymisation else {
            throw AnonymisationError.noJob
        }
        guard try await engine.endIfLate(job) else { return job }
        return try await store.job(id: id) ?? job
    }
    private static func end(ofUploadTo job: Job) -> Date {
        job.createTime.addingTimeInterval(CoverRequest.keeping / .seconds(1))
    }

    // MARK: Beginning

    @Sendable private func create(_ call: OpenCall) async throws -> Response {
        let account = try await account(of: call)
        let request = try UploadBody.request(try await call.wholeBody(), findsFaces: findsFaces)
        let (job, link) = try await begin(request, of: account, call)
        return Answer(json: ["session_uri": .string(link), "job_id": .string(job.id.wire)], status: .ok).response
    }

    /// Answers before the body is there: the client sends it where it is told to.
    @Sendable private func direct(_ call: OpenCall) async throws -> Response {
        let (account, entry) = try await holder(of: call)
        let name = call.parameter("file_name")?.removingPercentEncoding ?? ""
        var request = try UploadBody.request(name: name, query: query(of: call), findsFaces: findsFaces)
        request.creditLimit = entry.credits
        try await checkCreditsAreLeft(to: account, entry)
        let (job, link) = try await begin(request, of: account, call)
        let id = JSONValue.string(job.id.wire)
        return Answer(
            json: ["url": .string(link), "status_code": 307, "headers": ["job_id": id]], status: .temporaryRedirect,
            headers: [.location: link, Self.jobID: job.id.wire]
        ).response
    }

    private func begin(
        _ request: CoverRequest, of account: Account, _ call: OpenCall
    ) async throws -> (Job, link: String) {
        var draft = JobDraft(accountID: account.id, kind: .anonymisation, parameters: request.parameters)
        (draft.state, draft.keeping) = (.waitingForUpload, CoverRequest.keeping)
        let job: Job
        do { job = try await store.insert(draft, limit: CoverRequest.waitingLimit) } catch StoreError.tooManyJobs {
            throw AnonymisationError(
                .tooManyRequests, "Too many jobs that are not over", headers: ["Retry-After": "60"])
        }
        let path = StorageDoor.path(Self.container, job.id.bare, CoverRequest.uploadName)
        let link = try await StorageLink(path, .write, until: Self.end(ofUploadTo: job))
            .signed(by: identity, for: account.id)
        return (job, call.context.baseURL + link)
    }

    /// What is written behind a job's link.
    @Sendable func upload(to id: UUID, _ name: String, of account: UUID) async throws -> BlockUpload? {
        guard let job = try await store.job(id: id, account: account), job.kind == .anonymisation,
            name == CoverRequest.uploadName
        else { return nil }
        guard [.waitingForUpload, .waitingForApproval].contains(job.state) else { throw StorageError.closed }
        return BlockUpload(
            store: store, job: job, name: name,
            limit: CoverRequest(job.parameters).fileSize ?? CoverRequest.largest
        ) { [store] in try await store.move(id, to: .created) }
    }

    @Sendable private func approve(_ call: OpenCall) async throws -> Response {
        let (account, entry) = try await holder(of: call)
        let job = try await job(try id(call), of: account)
        func answer(_ status: HTTPResponse.Status, _ text: String) -> Response {
            Answer(json: ["message": .string(text)], status: status).response
        }
        if CoverRequest(job.parameters).needsNoApproval, !job.state.isFinal {
            return answer(.created, "The job needs no approval")
        }
        switch job.state {
        case .created, .waitingForUpload: return answer(.found, "The upload is not complete yet")
        case .waitingForApproval:
            try await charge(job, entry)
            if try await engine.move(job.id, to: .queued) { return answer(.ok, "The job is approved") }
        default: break
        }
        return answer(.accepted, "The job was approved or has ended before")
    }

    // MARK: Results

    @Sendable private func report(_ call: OpenCall) async throws -> Response {
        let job = try await job(call)
        let links = ResultLinks(identity: identity, base: call.context.baseURL)
        let report = try await CoverReport(
            of: job, progress: await engine.progress(of: job.id), in: store
        ) { try await links.link(to: $0, of: job, until: $1) }
        return Answer(json: report.json, status: .ok).response
    }

    // MARK: Ending

    @Sendable private func cancel(_ call: OpenCall) async throws -> Response { try await end(try await job(call)) }

    /// Of a job of one file that is the job.
    @Sendable private func cancelTask(_ call: OpenCall) async throws -> Response {
        let account = try await account(of: call)
        let parts = (call.parameter("task_id") ?? "").split(separator: "-")
        guard parts.count == 6, let number = Int(parts[5]), let id = UUID(bare: parts[..<5].joined()),
            case let job = try await job(id, of: account), (0..<job.tally.items).contains(number)
        else { throw AnonymisationError(.notFound, "Task not found") }
        guard job.tally.items == 1 else {
            guard try await engine.fail(number, of: id, "Task cancelled") else {
                throw AnonymisationError(.conflict, "The task has ended")
            }
            return Answer(json: ["message": "Task cancelled"], status: .ok).response
        }
        return try await end(job)
    }
    private func end(_ job: Job) async throws -> Response {
        guard try await engine.move(job.id, to: .cancelled) else {
            throw AnonymisationError(.conflict, "The job has ended")
        }
        return Answer(json: ["message": "Job cancelled"], status: .ok).response
    }

    @Sendable private func delete(_ call: OpenCall) async throws -> Response {
        let job = try await job(call)
        guard job.state.isFinal else { throw AnonymisationError(.conflict, "The job has not ended") }
        guard try await store.deleteJob(id: job.id, account: job.accountID) else { throw AnonymisationError.noJob }
        return Answer(json: ["message": "Job deleted"], status: .ok).response
    }
}

/// How often each key may call in a second.
final class CallRate: Sendable {
    private struct Second {
        var number = -1
        var calls: [String: Int] = [:]
    }
    private let limit: Int
    private let second = Mutex(Second())
    private let start = ContinuousClock.now
    init(limit: Int) { self.limit = limit }

    func admits(_ key: String, at now: ContinuousClock.Instant = .now) -> Bool {
        let number = Int((now - start) / .seconds(1))
        return second.withLock { second in
            if second.number != number { second = Second(number: number) }
            second.calls[key, default: 0] += 1
            return second.calls[key]! <= limit
        }
    }
}
