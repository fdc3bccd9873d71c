public import Records

/// The sink most pipeline tests pass in: remembers what was recorded, in order.
public actor EventCollector: EventSink {
    public private(set) var updates: [EventUpdate] = []
    /// Result name and reason.
    public private(set) var failures: [String] = []
    public init() {}
    public func fail(_ analytic: EventOrigin, _ reason: String) { failures.append("\(analytic.resultName): \(reason)") }
    public func record(_ updates: [AnalyticUpdates]) { self.updates += updates.flatMap(\.updates) }
}
