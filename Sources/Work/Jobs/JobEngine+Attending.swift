import Foundation
import JSON
import Logging
public import Records
import Store

// Work that somebody waits for.
extension JobEngine {
    /// Runs work for somebody who waits for its answer, when it is its turn among all jobs. It ends with the calling task, and when
    /// somebody cancels the job; at a restart it is forgotten.
    /// - Parameters:
    ///   - draft: with one item at most.
    ///   - work: is given a meter to be told how far it is.
    /// - Throws: `JobCancelled` when somebody else cancelled it; `CancellationError`; `StoreError`; what `work` throws.
    public func attend<R: Sendable>(
        _ draft: JobDraft, _ work: @escaping @Sendable (JobMeter) async throws -> R
    ) async throws -> R {
        try Task.checkCancellation()
        guard !isStopped else { throw CancellationError() }
        let job = try await store.insert(draft, isAttended: true)
        let meter = JobMeter()
        jobs[job.id] = ActiveJob(job, look: looks, attendance: .init())
        if let item = draft.items.first {
            jobs[job.id]!.meters[0] = (
                meter, JobItem(jobID: job.id, number: 0, name: item.name, weight: max(1, item.weight))
            )
        }
        do {
            let result = try await attend(to: job.id, meter, work)
            await end(job.id, .done, draft.items.isEmpty ? nil : .done(JSONText(.null)), nil)
            return result
        } catch {
            let wasCancelled = jobs[job.id]?.isCancelled ?? false
            if wasCancelled || Task.isCancelled || error is CancellationError {
                await end(job.id, .cancelled, nil, nil)
                throw wasCancelled ? JobCancelled() : error
            }
            let reason = "\(error)"
            await end(job.id, .failed, draft.items.isEmpty ? nil : .failed(reason: reason), reason)
            throw error
        }
    }
    private func attend<R: Sendable>(
        to id: UUID, _ meter: JobMeter, _ work: @escaping @Sendable (JobMeter) async throws -> R
    ) async throws -> R {
        try await withTaskCancellationHandler {
            let isItsTurn = await withCheckedContinuation { start in
                guard !Task.isCancelled, !isStopped, jobs[id]?.isCancelled == false else {
                    return start.resume(returning: false)
                }
                jobs[id]!.attendance!.start = start
                advance()
            }
            guard isItsTurn, try await store.move(id, to: .running) else { throw CancellationError() }
            jobs[id]?.hasBegun = true
            let task = Task { try await work(meter) }
            if jobs[id]?.isCancelled == true { task.cancel() }
            jobs[id]?.attendance?.cancel = { task.cancel() }
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } onCancel: {
            Task { await self.leave(id) }
        }
    }
    /// Of somebody who waits for his turn no longer.
    private func leave(_ id: UUID) {
        guard let start = jobs[id]?.attendance?.start else { return }
        jobs[id]!.attendance!.start = nil
        start.resume(returning: false)
    }
    /// Written down also when whoever waited is gone.
    private func end(_ id: UUID, _ state: JobState, _ outcome: JobOutcome.Kind?, _ error: String?) async {
        let (store, keeping) = (store, configuration.keeping)
        await Task {
            do {
                if let outcome { try await store.record(JobOutcome(jobID: id, number: 0, outcome)) }
                try await store.move(id, to: state, error: error, keeping: keeping)
            } catch {
                logger.warning(
                    "What became of a job cannot be stored",
                    metadata: [LogKey.job: "\(id.wire)", LogKey.error: "\(error)"])
            }
        }.value
        jobs[id]?.attendance = nil
        jobs[id]?.isCancelled = true
        forgetIfIdle(id)
        wake.yield()
    }
}
