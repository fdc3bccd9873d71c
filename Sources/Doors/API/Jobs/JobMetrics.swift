public import HTTPEdge
public import Jobs
import Records
public import Store

/// How many jobs there are in each state, and how many of their items are worked on.
public struct JobMetrics: MetricsSource {
    private let store: Store
    private let engine: JobEngine

    public init(store: Store, engine: JobEngine) { (self.store, self.engine) = (store, engine) }

    public func write(to page: inout MetricsPage) async {
        let load = await engine.load
        page.add("sightline_job_items_running", .gauge, "Items of jobs that are worked on", load.running)
        page.add("sightline_job_items_limit", .gauge, "Those that may be at once", load.limit)
        page.add("sightline_job_items_done_total", .counter, "Items of jobs that were done", load.done)
        page.add("sightline_job_items_failed_total", .counter, "Items of jobs that failed", load.failed)
        // A database that says nothing has its own place in the health check.
        guard let counts = try? await store.jobCounts() else { return }
        page.add(
            "sightline_jobs_waiting", .gauge, "Jobs that wait for a place, an upload or an approval", counts.waiting)
        page.add("sightline_jobs_running", .gauge, "Jobs that run", counts.running)
    }
}
