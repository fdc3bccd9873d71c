/// Somebody who counts, and is asked for it when somebody looks.
public protocol MetricsSource: Sendable {
    func write(to page: inout MetricsPage) async
}

/// Everything that is counted: one object, handed to those who count and to the page that shows it.
public struct Metrics: Sendable {
    public let requests = RequestMetrics()
    private let others: [any MetricsSource]

    /// - Parameter sources: who counts besides; the page shows them after the requests and their limits, in this order.
    public init(_ sources: [any MetricsSource] = []) { others = sources }

    public var page: MetricsPage {
        get async {
            var page = MetricsPage()
            for source in [requests, requests.limits] + others { await source.write(to: &page) }
            return page
        }
    }
}
