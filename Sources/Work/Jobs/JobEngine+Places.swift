import Foundation
import JSON
import Records
import Store

/// Who gets a free place, and what begins with it.
extension JobEngine {
    /// Begins whatever may begin.
    func advance() {
        guard !isStopped else { return }
        for id in jobs.keys { prepare(id) }
        give(\.placeCount, ofEachAccount: .max) { $0.job.state != .created }
        // Listing waits for servers of others, which may never answer: it takes nothing from work, and nobody's takes all of it.
        give(\.listingCount, ofEachAccount: max(1, configuration.places - 1)) { $0.job.state == .created }
    }
    private func give(_ count: KeyPath<ActiveJob, Int>, ofEachAccount most: Int, to isMeant: (ActiveJob) -> Bool) {
        var running: [UUID: Int] = [:]
        for job in jobs.values { running[job.job.accountID, default: 0] += job[keyPath: count] }
        var free = configuration.places - running.values.reduce(0, +)
        while free > 0 {
            let candidates = jobs.values.filter {
                isMeant($0) && running[$0.job.accountID, default: 0] < most && $0.wantsPlace(runners[$0.job.kind])
            }.map {
                JobTurns.Candidate(job: $0.job.id, account: $0.job.accountID, sequence: $0.job.sequence)
            }
            guard let id = turns.next(of: candidates, running: running) else { return }
            running[jobs[id]!.job.accountID, default: 0] += 1
            free -= 1
            take(id)
        }
    }
    /// What needs no place: that a job has begun is written down, and its items are read.
    private func prepare(_ id: UUID) {
        let job = jobs[id]!
        guard job.attendance == nil, !job.isCancelled, job.step == .idle, job.job.state != .created else { return }
        if !job.hasBegun {
            step(id, .beginning) { [store] in
                guard try await store.move(id, to: .running) else { return { _ in } }
                return {
                    $0.hasBegun = true
                    $0.job.state = .running
                }
            }
        } else if !job.isReadToEnd, job.pending.count < ActiveJob.portion / 2 {
            let last = job.last
            step(id, .fetching) { [store] in
                let items = try await store.items(
                    ofJob: id, after: last, in: .pending, limit: ActiveJob.portion)
                return {
                    $0.pending += items
                    $0.last = items.last?.number ?? $0.last
                    $0.isReadToEnd = items.count < ActiveJob.portion
                }
            }
        }
    }
    /// Uses a free place for it.
    private func take(_ id: UUID) {
        if let start = jobs[id]!.attendance?.start {
            (jobs[id]!.attendance!.start, jobs[id]!.attendance!.hasPlace) = (nil, true)
            return start.resume(returning: true)
        }
        let job = jobs[id]!.job, runner = runners[job.kind]!
        if job.state == .created {
            step(id, .listing) { [weak self, store] in
                let result: JSONText?
                do {
                    try await store.removeItems(ofListed: id)
                    result = try await runner.list(job)
                } catch let failure as JobFailure {
                    if try await self?.move(id, to: .failed, error: failure.description) == true {
                        await self?.clear(id)
                    }
                    return { $0.isCancelled = true }
                }
                let next = runner.stateAfterListing(job)
                try await self?.move(id, to: next, result: result)
                let tally = try? await store.job(id: id)?.tally
                // What waits for somebody is known anew when it goes on.
                return {
                    $0.job.state = next
                    $0.job.tally = tally ?? $0.job.tally
                    $0.isCancelled = next != .queued
                }
            }
        } else if jobs[id]!.isOver {
            step(id, .finishing) { [weak self] in
                guard let tally = try await self?.finish(id, runner) else { return { $0.isCancelled = true } }
                return {
                    $0.job.tally = tally
                    $0.isReadToEnd = false
                }
            }
        } else {
            let item = jobs[id]!.pending.removeFirst(), meter = JobMeter()
            jobs[id]!.meters[item.number] = (meter, item)
            jobs[id]!.tasks[item.number] = Task { [weak self] in
                let outcome = await self?.outcome(of: id) { try await runner.run(item, of: job, meter) }
                await self?.ended(item, of: id, outcome)
            }
        }
    }
}
