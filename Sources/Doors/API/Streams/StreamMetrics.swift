public import Foundation
public import Frames
public import HTTPEdge
public import Pipeline
import Records
public import Streams

/// What is counted of the streams that are being processed now, and of those who watch them.
public struct StreamMetrics: MetricsSource {
    private let hub: EventHub
    private let views: ViewBoard
    private let maximum: Int
    private let limits: SourceLimitCounts
    private let statistics: @Sendable () async -> [UUID: StreamStatistics]
    private let health: @Sendable () async -> [UUID: StreamHealth]

    /// - Parameters:
    ///   - views: where frames of streams are shown.
    ///   - maximum: streams that may run at once.
    ///   - limits: sources that a limit refused or ended.
    ///   - statistics: of all streams that run.
    ///   - health: of those that are not well.
    public init(
        hub: EventHub, views: ViewBoard, maximum: Int, limits: SourceLimitCounts,
        statistics: @escaping @Sendable () async -> [UUID: StreamStatistics],
        health: @escaping @Sendable () async -> [UUID: StreamHealth]
    ) {
        (self.hub, self.views, self.maximum, self.limits) = (hub, views, maximum, limits)
        (self.statistics, self.health) = (statistics, health)
    }

    public func write(to page: inout MetricsPage) async {
        let streams = await statistics().sorted { $0.key.wire < $1.key.wire }
        page.add("sightline_streams_running", .gauge, "Streams that are being processed", streams.count)
        page.add("sightline_streams_limit", .gauge, "Streams that may be processed at once", maximum)
        page.add(
            "sightline_sources_refused_total", .counter, "Sources that a limit refused or ended", by: "reason",
            SourceLimit.allCases.map { ($0.rawValue, limits[$0]) })
        func add(
            _ name: String, _ kind: MetricsPage.Kind, _ help: String, _ value: (UUID, StreamStatistics) -> Int
        ) {
            page.add(
                "sightline_stream_\(name)", kind, help, by: "stream_id",
                streams.map { ($0.key.wire, value($0.key, $0.value)) })
        }
        for (name, kind, help, value) in Self.counts { add(name, kind, help) { value($1) } }
        let health = await health()
        for reason in StreamHealth.Reason.allCases {
            add(reason.rawValue, .gauge, "1 while it is so: \(reason.sentence)") { id, _ in
                health[id]?.troubles.contains { $0.reason == reason } == true ? 1 : 0
            }
        }
        add("subscribers", .gauge, "Clients that watch the stream live") { id, _ in
            hub.subscriberCount(of: id) + views.viewerCount(of: id)
        }
        add("messages_waiting", .gauge, "Live messages that wait for clients to take them") { id, _ in
            hub.waitingCount(of: id)
        }
    }

    private static let counts: [(String, MetricsPage.Kind, String, @Sendable (StreamStatistics) -> Int)] = [
        ("frames_decoded_total", .counter, "Frames decoded", { $0.framesDecoded }),
        ("frames_analysed_total", .counter, "Frames in which people were looked for", { $0.framesAnalysed }),
        (
            "frames_dropped_total", .counter, "Frames lost because the analysis was slower than the camera",
            { $0.framesDropped }
        ),
        ("frames_failed_total", .counter, "Frames that could not be analysed", { $0.framesFailed }),
        ("frames_waiting", .gauge, "Decoded frames that wait for the analysis", { $0.framesWaiting }),
        ("picture_memory_bytes", .gauge, "Memory that the stream's decoded pictures take", { $0.pictureBytes }),
        ("packets_corrupt_total", .counter, "Damaged packets and frames", { $0.packetsCorrupt }),
        ("packets_lost_total", .counter, "Packets that got lost on their way over UDP", { $0.packetsLost }),
        ("detections_total", .counter, "People found, in all analysed frames", { $0.detections }),
        (
            "detections_doubted_total", .counter,
            "People not counted who were found with two thirds or more of the confidence that is asked for",
            { $0.doubted }
        ),
        ("events_total", .counter, "Events that began", { $0.events }),
        ("callbacks_due_total", .counter, "Reports of events that were due to callbacks", { $0.callbacksDue }),
        ("restarts_total", .counter, "Times that the source was lost and opened again", { $0.reconnections }),
        ("stalls_total", .counter, "Times that this was because the source was silent for too long", { $0.stalls }),
    ]
}
