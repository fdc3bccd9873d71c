import Foundation
import HTTPEdge
import Hummingbird
import JSON
import Records
import Store

/// `/6/counts`: how many people were seen, over time.
struct CountRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) { table.add("/6/counts", .get(.right(.event, .view), counts)) }

    @Sendable private func counts(_ call: Call) async throws -> Response {
        let query = call.query, now = Date.now
        let account = try call.caller.scope(query)
        let streams = try query.list("stream_ids") { UUID(wire: $0) }
        let analytic = try query.integer("analytic", in: 0...Int.max)
        let to = try query.time("time__lt") ?? now
        let from = try query.time("time__gte") ?? to.addingTimeInterval(-86_400)
        let interval = try query.text("interval", maximumLength: 16) ?? "1h"
        guard let grouping = TimeGrouping(interval), grouping.isOfWholeMinutes else {
            throw Refusal.badQuery("interval")
        }
        var zone = TimeZone(secondsFromGMT: 0)!
        if let name = try query.text("time_zone", maximumLength: 64) {
            guard let named = TimeZone(named: name) else { throw Refusal.badQuery("time_zone") }
            zone = named
        }
        let found = try await services.store.counts(
            account: account, streams: streams, analytic: analytic, from: from, to: to, grouping: grouping, zone: zone)
        let last = to.addingTimeInterval(-0.001)
        guard
            let buckets = grouping.buckets(
                from: from, to: last, in: zone, limit: EventStatistic<GeneralEvent>.rowLimit),
            buckets.count * found.count <= EventStatistic<GeneralEvent>.rowLimit
        else { throw Refusal.badQuery("interval") }
        return .json([
            "series": .array(found.map { Self.series($0, buckets, grouping, zone) })
        ])
    }

    private static func series(
        _ counted: CountedSeries, _ buckets: [TimeGrouping.Bucket], _ grouping: TimeGrouping, _ zone: TimeZone
    ) -> JSONValue {
        let known = Dictionary(counted.counts.map { ($0.bucket, $0.count) }) { first, _ in first }
        let counts = buckets.map { bucket -> JSONValue in
            let count = known[bucket]
            return [
                "time": grouping.label(bucket, in: zone),
                "mean": count?.mean.map { .number(($0 * 1000).rounded() / 1000) } ?? .null,
                "minimum": count.map { .integer(Int64($0.minimum)) } ?? .null,
                "maximum": count.map { .integer(Int64($0.maximum)) } ?? .null,
                "seconds": .number(Double(count?.covered ?? 0) / 1000),
            ]
        }
        let series = counted.series
        return [
            "stream_id": .string(series.streamID.wire), "account_id": .string(series.accountID.wire),
            "analytic": .integer(Int64(series.analytic)), "droi": series.droi?.value ?? .null, "counts": .array(counts),
        ]
    }
}
