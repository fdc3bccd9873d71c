public import Foundation
public import JSON
import Logging
public import Records
import Store

// What becomes of jobs apart from the work on them, and who is told.
extension JobEngine {
    /// Takes a job from one state to another, with what its kind's runner has to tell of that. Nothing is left of what was sent for one
    /// that is cancelled, or of what was made of it.
    /// - Parameters:
    ///   - account: whose it must be; `nil`: anybody's.
    ///   - error: why it failed.
    ///   - result: what it comes to; `nil`: what was written of that stays.
    ///   - isOver: whether all its items must be over.
    /// - Returns: false when it is not in a state that `state` follows, or gone.
    /// - Throws: `StoreError`; what the runner throws.
    @discardableResult
    public func move(
        _ id: UUID, of account: UUID? = nil, to state: JobState, error: String? = nil, result: JSONText? = nil,
        ifOver isOver: Bool = false
    ) async throws -> Bool {
        guard var job = try await store.job(id: id, account: account), job.state.successors.contains(state) else {
            return false
        }
        (job.state, job.error, job.result) = (state, error, result ?? job.result)
        let reports = job.isAttended ? [] : try await runners[job.kind]?.reports(of: job) ?? []
        let isMoved = try await store.move(
            id, of: account, to: state, error: error, result: result, keeping: configuration.keeping,
            ifOver: isOver, reports: reports)
        if isMoved, state == .cancelled { await clear(id) }
        return isMoved
    }
    /// Removes what was sent for a job and what was made of it. What stays of one that is cancelled is swept later; of one that
    /// has failed it goes with it.
    func clear(_ id: UUID) async {
        do { try await store.removeObjects(ofJob: id) } catch {
            logger.warning(
                "What was sent for a job cannot be removed",
                metadata: [LogKey.job: "\(id.wire)", LogKey.error: "\(error)"])
        }
    }

    /// Tells one of those who are told of a job what they are told of the state that it is in.
    public func tell(_ callback: Callback, ofJob id: UUID) async throws {
        guard let job = try await store.job(id: id), let runner = runners[job.kind] else { return }
        let reports = try await runner.reports(of: job).filter { $0.callback.wire == callback.wire }
        if !reports.isEmpty { try await store.report(reports, ofJob: id) }
    }

    // MARK: Jobs that wait too long

    /// Ends a job as failed that has waited for its upload, or for an approval, for longer than its kind allows.
    /// - Returns: whether it was.
    @discardableResult
    public func endIfLate(_ job: Job, at now: Date = .now) async throws -> Bool {
        guard let patience = runners[job.kind]?.patience,
            job.createTime.addingTimeInterval(patience.duration / .seconds(1)) <= now
        else { return false }
        let reason: String
        switch job.state {
        case .waitingForUpload: reason = patience.withoutUpload
        case .waitingForApproval: reason = patience.withoutApproval
        default: return false
        }
        guard try await move(job.id, to: .failed, error: reason) else { return false }
        await clear(job.id)
        return true
    }
    /// All of them.
    func endLateJobs(at now: Date = .now) async {
        do {
            for (kind, runner) in runners {
                guard let patience = runner.patience else { continue }
                let bound = now.addingTimeInterval(-(patience.duration / .seconds(1)))
                for job in try await store.waitingJobs(of: kind, createdBy: bound) {
                    try await endIfLate(job, at: now)
                }
            }
        } catch {
            guard !(error is CancellationError) else { return }
            logger.warning("Jobs that wait cannot be looked through", metadata: [LogKey.error: "\(error)"])
        }
    }
}
