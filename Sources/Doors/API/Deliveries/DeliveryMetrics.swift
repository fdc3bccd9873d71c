public import Foundation
public import HTTPEdge
public import Notifications
import Records
public import Store

/// How reports to callbacks fare.
public struct DeliveryMetrics: MetricsSource {
    private let store: Store
    private let counts: @Sendable () -> CourierCounts
    private let now: @Sendable () -> Date

    public init(
        store: Store, counts: @escaping @Sendable () -> CourierCounts, now: @escaping @Sendable () -> Date = { .now }
    ) {
        (self.store, self.counts, self.now) = (store, counts, now)
    }

    public func write(to page: inout MetricsPage) async {
        let counts = counts()
        page.add(
            "sightline_deliveries_delivered_total", .counter, "Reports that callbacks have taken", counts.delivered)
        page.add(
            "sightline_delivery_failures_total", .counter, "Tries after which a report waits", counts.failed)
        page.add(
            "sightline_deliveries_refused_total", .counter, "Reports that were given up at once", counts.refused)
        page.add("sightline_deliveries_running", .gauge, "Callbacks that are being called", counts.running)
        // A database that says nothing has its own place in the health check.
        guard let level = try? await store.outboxLevel() else { return }
        page.add("sightline_deliveries_due", .gauge, "Reports that wait for callbacks", level.due)
        page.add("sightline_deliveries_dead", .gauge, "Reports that were given up", level.dead)
        let age = level.oldestDueTime.map { max(0, Int(now().timeIntervalSince($0))) } ?? 0
        page.add("sightline_delivery_oldest_due_seconds", .gauge, "Age of the oldest report that waits", age)
    }
}
