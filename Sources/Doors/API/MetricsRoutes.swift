import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Pipeline
import Records
import Store
import Streams

/// `/metrics`, open to everybody unless it is switched off.
struct MetricsRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) { table.add("/metrics", .get(metrics)) }

    @Sendable private func metrics(_ request: Request, _ context: APIContext) async throws -> Response {
        guard services.settings.servesMetrics else { throw APIError.resourceDisabled }
        var page = MetricsPage()
        page.add(services.metrics)
        let streams = await services.daemon.streams().sorted { $0.key.wire < $1.key.wire }
        page.add("sightline_streams_running", "gauge", "Streams that are being processed", streams.count)
        for (name, kind, help, value) in Self.perStream {
            page.add(
                "sightline_stream_\(name)", kind, help,
                streams.map { (stream: $0.key.wire, value: value($0.value)) })
        }
        page.add(
            "sightline_stream_subscribers", "gauge", "Clients that watch the stream live",
            streams.map { (stream: $0.key.wire, value: services.hub.subscriberCount(of: $0.key)) })
        page.add(
            "sightline_stream_messages_waiting", "gauge", "Live messages that wait for clients to take them",
            streams.map { (stream: $0.key.wire, value: services.hub.waitingCount(of: $0.key)) })
        page.add(
            "sightline_event_writes_waiting", "gauge", "What streams have to say of events and is not being stored yet",
            services.store.waitingEventWrites)
        page.add(
            "sightline_event_writes_spooled", "gauge",
            "What was kept of events while the database was gone, and is not in it",
            services.store.spooledEventWrites)
        if let bytes = services.daemon.residentBytes() {
            page.add("process_resident_memory_bytes", "gauge", "Memory that the process holds", bytes)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/plain; charset=UTF-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: page.text)))
    }

    private static let perStream: [(String, String, String, @Sendable (StreamStatistics) -> Int)] = [
        ("frames_decoded_total", "counter", "Frames decoded", { $0.framesDecoded }),
        ("frames_analysed_total", "counter", "Frames in which people were looked for", { $0.framesAnalysed }),
        (
            "frames_dropped_total", "counter", "Frames lost because the analysis was slower than the camera",
            { $0.framesDropped }
        ),
        ("frames_waiting", "gauge", "Decoded frames that wait for the analysis", { $0.framesWaiting }),
        ("packets_corrupt_total", "counter", "Damaged packets and frames", { $0.packetsCorrupt }),
        ("detections_total", "counter", "People found, in all analysed frames", { $0.detections }),
        ("events_total", "counter", "Events that began", { $0.events }),
        ("callbacks_due_total", "counter", "Reports of events that were due to callbacks", { $0.callbacksDue }),
        ("restarts_total", "counter", "Times that the source was lost and opened again", { $0.reconnections }),
    ]
}
