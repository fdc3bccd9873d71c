public import HTTPEdge

/// What of those whom streams have seen comes to no handler.
public struct HandlerMetrics: MetricsSource {
    private let dropped: @Sendable () -> Int
    public init(dropped: @escaping @Sendable () -> Int) { self.dropped = dropped }

    public func write(to page: inout MetricsPage) {
        page.add(
            "sightline_handler_people_dropped_total", .counter,
            "People whom streams have seen and handlers were not given, since too many waited", dropped())
    }
}
