import DoorSupport
import Foundation
import JSON
import Testing

/// The command line and the daemon on the same footage.
struct CountTests {
    private static let parameters: JSONValue = [
        "targets": ["coordinates"],
        "parameters": [
            "rate": ["unit": "frame", "period": 1], "probe_count": 1, "people_count_threshold": 0,
            "event_policy": ["trigger": "period", "interval": 0.001],
        ],
    ]

    /// A moment of the footage, in milliseconds.
    private static func moment(_ offset: JSONValue?) throws -> Int {
        Int((try #require(offset?.double) * 1000).rounded())
    }
    private static func lines(_ path: String) throws -> [JSONValue] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            try JSONValue(parsing: Data($0.utf8))
        }
    }

    @Test func analyzeAndTheLiveFeedSayTheSameOfEachMoment() async throws {
        let clip = try await Footage.shared.clip(times: 4)
        let work = TemporaryFolder()
        func path(_ name: String) -> String { work.url.appending(path: name).path }
        try Self.parameters.data.write(to: work.url.appending(path: "parameters.json"))
        let outcome = try await Program.run(
            "sightline",
            [
                "analyze", clip.path, "--analytic", "people_count", "--parameters", path("parameters.json"), "--events",
                path("events.jsonl"), "--detections", path("people.jsonl"), "--annotate", path("annotated.mp4"),
            ])
        #expect(outcome.status == 0, "\(outcome.error)")

        // One event is one frame.
        var counts: [Int: Int64] = [:]
        for line in try Self.lines(path("people.jsonl")) {
            counts[try Self.moment(line["time_offset"])] = line["people_count"]?.integer
            #expect(line["detections"]?.array?.count == line["people_count"]?.integer.map(Int.init))
        }
        let most = try #require(counts.values.max())
        #expect(counts.count == 448 && most > 1)
        #expect(outcome.output.contains("most people in a frame: \(most)\n"), "\(outcome.output)")
        var events: [Int: Int64] = [:]
        for line in try Self.lines(path("events.jsonl")) {
            events[try Self.moment(line["event"]?["video_segment"]?["start_time_offset"])] =
                line["event"]?["people_count"]?.integer
        }
        #expect(events == counts)

        // Where others take the machine, a file may be over before anybody listens.
        var heard = try await Self.live(clip)
        for _ in 0..<9 where heard.count <= 20 { heard = try await Self.live(clip) }
        #expect(heard.count > 20)
        for (moment, said) in heard {
            #expect(said.count == counts[moment], "at \(moment) ms")
            #expect(said.places == said.count, "at \(moment) ms")
        }
    }

    /// What the daemon's live feed says of each moment, from wherever the subscription begins to the end.
    private static func live(_ clip: URL) async throws -> [Int: (count: Int64?, places: Int64?)] {
        let data = TemporaryFolder()
        let daemon = try await RunningDaemon(data: data.url, media: clip.deletingLastPathComponent())
        let port = try #require(URL(string: daemon.base)?.port)
        let stream = try #require(
            try await daemon.request(
                "POST", "/6/streams",
                [
                    "data": ["type": "videofile", "reference": .string(clip.lastPathComponent)],
                    "analytics": [["analytic_name": "people_count", "parameters": parameters]],
                ]
            ).1["stream_id"]?.string)
        var heard: [Int: (count: Int64?, places: Int64?)] = [:]
        // Refused until the stream has begun; once it is over nothing more will come.
        var isSubscribed = false
        while !isSubscribed, try await daemon.request("GET", "/6/streams/\(stream)").1["status"]?.integer != 2 {
            try await RawWebSocket.open(
                port: port, "/6/streams/\(stream)/ws", headers: ["Authorization": "Basic \(daemon.login)"]
            ) { socket in
                isSubscribed = socket.reply.status == 101
                while isSubscribed, let frame = try await socket.next() {
                    guard case .text(let text) = frame else { continue }
                    let message = try JSONValue(parsing: Data(text.utf8))
                    guard let crowd = message["analytics_results"]?["crowd"] else { continue }
                    heard[try moment(crowd["time_offset"])] = (
                        crowd["people_count"]?.integer, crowd["people_coordinates"]?.array.map { Int64($0.count) }
                    )
                }
            }
        }
        #expect(await daemon.terminate() == 0)
        return heard
    }
}
