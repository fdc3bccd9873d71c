import Foundation
import HTTPTypes
import Synchronization

/// Counts and times of requests, by route template and status: as many series as the API has operations and answers.
public final class RequestMetrics: Sendable {
    /// Upper bounds in seconds, as the public API fixes them.
    static let bounds = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0,
        7.5, 10.0,
    ]
    /// The route of a request that belongs to no resource; its path may be anything, so it is not shown.
    static let noRoute = "*"

    struct Key: Hashable, Comparable {
        let route: String
        let status: Int
        static func < (a: Key, b: Key) -> Bool { (a.route, a.status) < (b.route, b.status) }
    }
    struct Series {
        var count = 0
        var seconds = 0.0
        /// Requests in each bucket alone; the last takes what is above all bounds.
        var buckets = [Int](repeating: 0, count: bounds.count + 1)
    }
    private let series = Mutex<[Key: Series]>([:])
    public let limits = LimitMetrics()

    public init() {}

    /// - Parameter method: `nil` for what was no request at all.
    func record(_ method: HTTPRequest.Method?, _ route: String?, _ status: HTTPResponse.Status, in time: Duration) {
        let key = Key(route: "\(method?.rawValue ?? Self.noRoute):\(route ?? Self.noRoute)", status: status.code)
        let seconds = time / .seconds(1)
        let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
        series.withLock { series in
            series[key, default: Series()].count += 1
            series[key]!.seconds += seconds
            series[key]!.buckets[bucket] += 1
        }
    }
    var all: [(key: Key, value: Series)] { series.withLock { $0 }.sorted { $0.key < $1.key } }
}

extension RequestMetrics: MetricsSource {
    public func write(to page: inout MetricsPage) {
        let all = all
        page.head("request_count_total", "counter", "Counter of requests")
        for (key, series) in all {
            page.sample(
                "request_count_total", [("path", key.route), ("status_code", "\(key.status)")], Double(series.count))
        }
        page.head("requests", "histogram", "Histogram of request time metrics")
        for (key, series) in all {
            let labels = [("route", key.route), ("status_code", "\(key.status)")]
            page.sample("requests_sum", labels, series.seconds)
            var below = 0
            for (bound, count) in zip(RequestMetrics.bounds.map { "\($0)" } + ["+Inf"], series.buckets) {
                below += count
                page.sample("requests_bucket", labels + [("le", bound)], Double(below))
            }
            page.sample("requests_count", labels, Double(series.count))
        }
    }
}
