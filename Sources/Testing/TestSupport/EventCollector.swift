public import Records
public import Scene

/// The sink most pipeline tests pass in: remembers what was recorded, in order.
public actor EventCollector: EventSink {
    public private(set) var updates: [EventUpdate] = []
    public init() {}
    public func record(_ updates: [AnalyticUpdates]) { self.updates += updates.flatMap(\.updates) }
}
