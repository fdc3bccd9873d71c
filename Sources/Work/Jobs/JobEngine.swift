public import Foundation
import Frames
import JSON
public import Logging
import ObjectStore
import Records
public import ServiceLifecycle
public import Store

/// Works on jobs until the daemon shuts down. The database decides which there are and what is left of them; the engine compares and goes
/// on where the process before stopped.
///
/// An item is written down when it is done, and nothing of it before but its checkpoint: so a process that is killed does again at most
/// what was under way. Whoever cancels a job writes that down, and whatever works on it is cancelled then.
public actor JobEngine: Service {
    /// After the database failed.
    private static let databasePause = Duration.seconds(1)
    /// Between two looks at how far jobs are.
    private static let paceInterval = Duration.seconds(1)
    /// Between two looks for jobs that nobody has sent anything for.
    private static let lateInterval = Duration.seconds(60)

    let store: Store
    let runners: [JobKind: any JobRunner]
    let configuration: JobConfiguration
    let logger: Logger
    private let readJobs: @Sendable () async throws -> [Job]
    var jobs: [UUID: ActiveJob] = [:]
    var turns = JobTurns()
    /// Looks at the database so far.
    var looks = 0
    /// Of which nothing is known here any more since the latest look began: what that reads may be older.
    private var forgotten: Set<UUID> = []
    var isStopped = false
    private var counts = JobLoad()
    private nonisolated let wakes: AsyncStream<Void>
    nonisolated let wake: AsyncStream<Void>.Continuation

    public init(store: Store, runners: [any JobRunner] = [], configuration: JobConfiguration, logger: Logger) {
        self.init(store: store, runners: runners, configuration: configuration, logger: logger) {
            try await store.activeJobs()
        }
    }
    /// - Parameter readJobs: the jobs that there is something to do about, as the database has them.
    init(
        store: Store, runners: [any JobRunner], configuration: JobConfiguration, logger: Logger,
        readJobs: @escaping @Sendable () async throws -> [Job]
    ) {
        (self.store, self.configuration, self.logger, self.readJobs) = (store, configuration, logger, readJobs)
        self.runners = Dictionary(uniqueKeysWithValues: runners.map { ($0.kind, $0) })
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: Its life

    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.work() }
    }

    private func work() async {
        let changes = store.changes.changes { $0 == .jobs }
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in changes { self.wake.yield() }
            }
            group.addTask {
                while (try? await Task.sleep(for: Self.paceInterval)) != nil { await self.measure() }
            }
            group.addTask {
                repeat { await self.endLateJobs() } while (try? await Task.sleep(for: Self.lateInterval)) != nil
            }
            wake.yield()
            for await _ in wakes { await look() }
            group.cancelAll()
        }
        await stop()
    }

    /// Cancels whatever is under way and waits for it.
    private func stop() async {
        isStopped = true
        for id in jobs.keys { cancelWork(id) }
        for job in jobs.values {
            for task in job.tasks.values { await task.value }
            await job.stepTask?.value
        }
    }

    /// Compares what the database says with what is known here.
    private func look() async {
        looks += 1
        forgotten = []
        let look = looks, active: [Job]
        do { active = try await readJobs() } catch {
            guard !(error is CancellationError) else { return }
            logger.warning("Jobs cannot be read", metadata: [LogKey.error: "\(error)"])
            try? await Task.sleep(for: Self.databasePause)
            wake.yield()
            return
        }
        let known = Dictionary(uniqueKeysWithValues: active.map { ($0.id, $0) })
        for id in jobs.keys where known[id] == nil && jobs[id]!.look < look { cancelWork(id) }
        for job in active {
            // Of a kind that nobody works on it waits for a daemon that does.
            guard jobs[job.id] == nil, !job.isAttended, runners[job.kind] != nil else { continue }
            guard !forgotten.contains(job.id) else {
                wake.yield()
                continue
            }
            jobs[job.id] = ActiveJob(job, look: look)
        }
        advance()
    }

    private func cancelWork(_ id: UUID) {
        jobs[id]!.isCancelled = true
        jobs[id]!.pending = []
        for task in jobs[id]!.tasks.values { task.cancel() }
        jobs[id]!.stepTask?.cancel()
        jobs[id]!.attendance?.cancel?()
        if let start = jobs[id]!.attendance?.start {
            jobs[id]!.attendance!.start = nil
            start.resume(returning: false)
        }
        forgetIfIdle(id)
    }
    func forgetIfIdle(_ id: UUID) {
        guard let job = jobs[id], job.isCancelled, job.tasks.isEmpty, job.stepTask == nil, job.attendance == nil else {
            return
        }
        jobs[id] = nil
        forgotten.insert(id)
        turns.forget(id)
        if !jobs.values.contains(where: { $0.job.accountID == job.job.accountID }) {
            turns.forget(account: job.job.accountID)
        }
    }

    private func measure() {
        let now = ContinuousClock.now
        for id in jobs.keys { jobs[id]!.pace.add(Double(jobs[id]!.tally.weightDone), at: now) }
    }

    /// How far a job is that is under way here; `nil` for any other.
    public func progress(of id: UUID) -> JobProgress? {
        jobs[id].map { JobProgress(tally: $0.tally, rate: $0.pace.rate, hindrance: $0.hindrance) }
    }

    /// What is worked on, and what was since the start.
    public var load: JobLoad {
        var load = counts
        load.running = jobs.values.reduce(0) { $0 + $1.placeCount }
        load.limit = configuration.places
        return load
    }

    /// Does something about a job apart from its items, again and again until it comes about.
    func step(
        _ id: UUID, _ step: ActiveJob.Step,
        _ body: @escaping @Sendable () async throws -> @Sendable (inout ActiveJob) -> Void
    ) {
        jobs[id]!.step = step
        jobs[id]!.stepTask = Task { [weak self, logger] in
            var change: (@Sendable (inout ActiveJob) -> Void)?
            while change == nil, !Task.isCancelled {
                do { change = try await body() } catch {
                    guard !Task.isCancelled else { break }
                    logger.warning(
                        "A job does not go on",
                        metadata: [LogKey.job: "\(id.wire)", LogKey.error: "\(error)"])
                    let pause = await self?.hinder(id, by: error)
                    try? await Task.sleep(for: pause ?? Self.databasePause)
                }
            }
            await self?.stepped(id, change)
        }
    }
    private func stepped(_ id: UUID, _ change: (@Sendable (inout ActiveJob) -> Void)?) {
        change?(&jobs[id]!)
        jobs[id]!.hindrance = nil
        (jobs[id]!.step, jobs[id]!.stepTask) = (.idle, nil)
        forgetIfIdle(id)
        if jobs[id] == nil { wake.yield() }  // it may have been given more since
        advance()
    }

    // MARK: Items

    /// - Returns: `nil` when the task was cancelled: the item is done again, or nobody wants it any more.
    nonisolated func outcome(
        of id: UUID, _ work: @Sendable () async throws -> JSONText
    ) async -> JobOutcome.Kind? {
        while true {
            do { return .done(try await work()) } catch {
                if Task.isCancelled { return nil }
                guard let pause = await hinder(id, by: error) else { return .failed(reason: "\(error)") }
                try? await Task.sleep(for: pause)
            }
        }
    }
    /// Until it is tried again; `nil`: it is a fault of the item, and would be the next time.
    private static func pause(after error: any Error, _ configuration: JobConfiguration) -> Duration? {
        switch error {
        case StoreError.unavailable: databasePause
        case StoreError.noRoomForObjects, StoreError.quotaExceeded, ObjectFileError.noRoom: configuration.roomPause
        case let failure as any SourceFailure where failure.isOwnFault: databasePause
        default: nil
        }
    }
    /// Lets those who ask how the job fares know that it waits for room, where it does.
    /// - Returns: as `pause` does.
    private func hinder(_ id: UUID, by error: any Error) -> Duration? {
        switch error {
        case StoreError.noRoomForObjects, StoreError.quotaExceeded, ObjectFileError.noRoom:
            jobs[id]?.hindrance = "\(error)"
        default: break
        }
        return Self.pause(after: error, configuration)
    }
    func ended(_ item: JobItem, of id: UUID, _ outcome: JobOutcome.Kind?) async {
        jobs[id]!.tasks[item.number] = nil
        let refused = jobs[id]!.refused.removeValue(forKey: item.number)
        jobs[id]!.hindrance = nil
        guard let kind = refused.map({ .failed(reason: $0) }) ?? outcome else {
            jobs[id]!.meters[item.number] = nil
            return forgetIfIdle(id)
        }
        jobs[id]!.unwritten += 1
        advance()
        let isWritten = await write(JobOutcome(jobID: id, number: item.number, kind))
        guard jobs[id] != nil else { return }
        jobs[id]!.unwritten -= 1
        jobs[id]!.meters[item.number] = nil
        if isWritten {
            if case .failed = kind { counts.failed += 1 } else { counts.done += 1 }
            jobs[id]!.job.tally.weightDone += item.weight - item.weightDone
            if case .failed = kind { jobs[id]!.job.tally.failed += 1 } else { jobs[id]!.job.tally.done += 1 }
        }
        forgetIfIdle(id)
        advance()
    }
    /// Tries until the database has it, or nobody wants it any more.
    private func write(_ outcome: JobOutcome) async -> Bool {
        var isNews = true
        while true {
            do {
                try await store.record(outcome)
                return true
            } catch {
                if isNews {
                    logger.warning(
                        "What became of an item cannot be stored",
                        metadata: [LogKey.job: "\(outcome.jobID.wire)", LogKey.error: "\(error)"])
                }
                isNews = false
            }
            if isStopped || jobs[outcome.jobID]?.isCancelled != false { return false }
            try? await Task.sleep(for: Self.databasePause)
        }
    }
    /// Ends one item of a job for good, as if it had failed, for whoever sent it.
    /// - Returns: false when it is over.
    /// - Throws: `StoreError`.
    public func fail(_ number: Int, of id: UUID, _ reason: String) async throws -> Bool {
        if await failHere(number, of: id, reason) { return true }
        // Nobody has come to it yet.
        let found = try await store.items(ofJob: id, after: number - 1, in: .pending, limit: 1).first
        guard let item = found, item.number == number else { return false }
        if await failHere(number, of: id, reason) { return true }
        try await store.record(JobOutcome(jobID: id, number: number, .failed(reason: reason)))
        jobs[id]?.job.tally.failed += 1
        jobs[id]?.job.tally.weightDone += item.weight - item.weightDone
        // It may have been read meanwhile.
        jobs[id]?.pending.removeAll { $0.number == number }
        advance()
        return true
    }
    /// - Returns: false when it is neither worked on here nor about to be.
    private func failHere(_ number: Int, of id: UUID, _ reason: String) async -> Bool {
        guard jobs[id]?.isCancelled == false, jobs[id]!.hasBegun else { return false }
        if let index = jobs[id]!.pending.firstIndex(where: { $0.number == number }) {
            let item = jobs[id]!.pending.remove(at: index)
            jobs[id]!.meters[number] = (JobMeter(), item)
            await ended(item, of: id, .failed(reason: reason))
            return true
        }
        guard let task = jobs[id]!.tasks[number] else { return false }
        jobs[id]!.refused[number] = reason
        task.cancel()
        return true
    }

    /// - Returns: of a job that was given more to do meanwhile; `nil`: it is over.
    func finish(_ id: UUID, _ runner: any JobRunner) async throws -> JobTally? {
        guard let job = try await store.job(id: id), !job.state.isFinal else { return nil }
        let tally = job.tally
        guard tally.pending == 0 else { return tally }
        var failure: JobFailure?, result: JSONText?
        if runner.failsWithItsItems, tally.items > 0, tally.done == 0 {
            failure = JobFailure(try await reason(ofFailed: job))
        } else {
            do { result = try await runner.finish(job) } catch let error as JobFailure { failure = error }
        }
        let isMoved = try await move(
            id, to: failure == nil ? .done : .failed, error: failure?.description, result: result, ifOver: true)
        if isMoved, failure != nil { await clear(id) }
        guard let now = try await store.job(id: id), !now.state.isFinal else { return nil }
        return now.tally
    }
    private func reason(ofFailed job: Job) async throws -> String {
        let first = try await store.items(ofJob: job.id, in: .failed, limit: 1).first?.error ?? ""
        return job.tally.items == 1 ? first : "None of its \(job.tally.items) items could be done; the first: \(first)"
    }
}

/// The keys of log metadata, spelled in one place.
enum LogKey {
    static let error = "error"
    static let job = "job.id"
}
