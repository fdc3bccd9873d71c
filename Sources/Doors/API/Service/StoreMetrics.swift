public import HTTPEdge
public import Store

/// What of events is on its way into the database.
public struct StoreMetrics: MetricsSource {
    private let store: Store
    public init(store: Store) { self.store = store }

    public func write(to page: inout MetricsPage) {
        page.add(
            "sightline_event_writes_waiting", .gauge,
            "What streams have to say of events and is not being stored yet", store.waitingEventWrites)
        page.add(
            "sightline_event_writes_spooled", .gauge,
            "What was kept of events while the database was gone, and is not in it", store.spooledEventWrites)
    }
}
