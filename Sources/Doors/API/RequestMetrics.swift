import Foundation
import HTTPTypes
import Synchronization

/// Counts and times of requests, by route template and status: as many series as the API has operations and answers.
final class RequestMetrics: Sendable {
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

/// A page in the text format that Prometheus reads.
struct MetricsPage {
    private(set) var text = ""

    private mutating func head(_ name: String, _ kind: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }
    private mutating func sample(_ name: String, _ labels: [(String, String)], _ value: Double) {
        let list = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        text += "\(name)\(list.isEmpty ? "" : "{\(list)}") \(value)\n"
    }
    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    mutating func add(_ requests: RequestMetrics) {
        let all = requests.all
        head("request_count_total", "counter", "Counter of requests")
        for (key, series) in all {
            sample(
                "request_count_total", [("path", key.route), ("status_code", "\(key.status)")], Double(series.count))
        }
        head("requests", "histogram", "Histogram of request time metrics")
        for (key, series) in all {
            let labels = [("route", key.route), ("status_code", "\(key.status)")]
            sample("requests_sum", labels, series.seconds)
            var below = 0
            for (bound, count) in zip(RequestMetrics.bounds.map { "\($0)" } + ["+Inf"], series.buckets) {
                below += count
                sample("requests_bucket", labels + [("le", bound)], Double(below))
            }
            sample("requests_count", labels, Double(series.count))
        }
    }

    mutating func add(_ name: String, _ kind: String, _ help: String, _ value: Int) {
        head(name, kind, help)
        sample(name, [], Double(value))
    }
    /// One sample for each stream.
    mutating func add(_ name: String, _ kind: String, _ help: String, _ values: [(stream: String, value: Int)]) {
        guard !values.isEmpty else { return }
        head(name, kind, help)
        for (stream, value) in values { sample(name, [("stream_id", stream)], Double(value)) }
    }
}
