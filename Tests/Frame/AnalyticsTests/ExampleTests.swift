import Analytics
import Foundation
import JSON
import Records
import Scene
import Testing

/// The golden examples of `analytics/<name>/examples`: frames in, updates and events out.
///
/// A frame has `at` (seconds), and `people` (centres of who is counted there, before `droi`) or `tracks` (`[id, phase, [x, y, width, height], confidence]`); its
/// picture is the text `frame at <seconds>`, of a part `<x> <y> <width> <height> at <seconds>`. Updates are one line each; events are those that the policy sends, as a
/// callback carries them, without stream and location. Ids are numbered in the order in which they first appear.
struct ExampleTests {
    static let files: [URL] = AnalyticCatalogue.ownNames.flatMap { name in
        let folder = analyticsFolder.appending(path: "\(name)/examples")
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
        return files.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
    }

    @Test(arguments: AnalyticCatalogue.ownNames) func everyAnalyticHasExamples(name: String) {
        #expect(
            Self.files.contains { $0.deletingLastPathComponent().deletingLastPathComponent().lastPathComponent == name }
        )
    }

    @Test(arguments: files) func theFramesOfAnExampleMakeItsEvents(file: URL) throws {
        let example = JSONReader(try JSONValue(parsing: Data(contentsOf: file)))
        _ = try example.object(known: ["about", "parameters", "frame_size", "frames", "updates", "events", "stored"])
        let name = file.deletingLastPathComponent().deletingLastPathComponent().lastPathComponent
        let entry = try #require(try AnalyticCatalogue(directory: analyticsFolder)[name])
        var analytic = try #require(try entry.prepare(example.required("parameters"))).analytic

        let size = try example.required("frame_size")
        var updates: [EventUpdate] = []
        for frame in try example.required("frames").items() {
            updates += analytic.observe(try Observation(frame, size: size, in: analytic.requirements.counting))
        }
        updates += analytic.finish()

        var ordinals = Ordinals()
        let lines = updates.map { JSONValue.string($0.line(&ordinals)) }
        let events = updates.filter(\.isReported).map { $0.event.example(&ordinals) }
        #expect(try example.required("updates").value == .array(lines), "\(JSONValue.array(lines).text)")
        if let stored = try example.optional("stored") {
            let events = updates.filter(\.isReported).map { $0.event.storedExample(&ordinals) }
            #expect(
                try stored.value == JSONValue(parsing: JSONValue.array(events).data), "\(JSONValue.array(events).text)")
        }
        let written = JSONValue.array(events)  // read again, since JSON writes 2.0 as 2
        #expect(try example.required("events").value == JSONValue(parsing: written.data), "\(written.text)")
    }
}

/// Numbers ids in the order in which they are first met, events and tracks apart.
private struct Ordinals {
    private var events: [UUID: Int] = [:], tracks: [UUID: Int] = [:]
    mutating func event(_ id: UUID) -> Int { Self.ordinal(id, &events) }
    mutating func track(_ id: UUID) -> Int { Self.ordinal(id, &tracks) }
    private static func ordinal(_ id: UUID, _ known: inout [UUID: Int]) -> Int {
        if let ordinal = known[id] { return ordinal }
        known[id] = known.count + 1
        return known.count
    }
}

extension EventUpdate {
    /// `at 0.8: opened event 1 of track 1, started, 2 people (20, 50) (40, 50)`, with `, sent` when the policy sends it.
    fileprivate func line(_ ordinals: inout Ordinals) -> String {
        var line = "at \(JSONValue.number(time.pts.seconds).text): \(change.rawValue) event \(ordinals.event(event.id))"
        line += " of track \(ordinals.track(event.trackID)), \(status?.rawValue ?? "no live message")"
        if let peopleCount {
            line += ", \(peopleCount) \(peopleCount == 1 ? "person" : "people")"
        } else {
            line += body == nil ? ", no body" : ", body"
        }
        if let people { line += " " + people.map { "(\(Int($0.x)), \(Int($0.y)))" }.joined(separator: " ") }
        if let detection = body?["detection"], let box = detection["bbox"] {
            let sides = ["x", "y", "width", "height"].map { box[$0]?.text ?? "" }
            line += " \(sides.joined(separator: " ")) score \(detection["score"]?.text ?? "")"
        }
        return isReported ? line + ", sent" : line
    }
}

extension Event {
    /// What a callback carries, with ordinals for ids, the picture's text for the picture, and neither stream nor location.
    fileprivate func example(_ ordinals: inout Ordinals) -> JSONValue {
        var members = wire(at: EventPlace(stream: UUID(), account: UUID()))["event"]?.object ?? [:]
        members["stream_id"] = nil
        if form == .generated { members["url"] = nil }
        members["location"] = nil
        members["event_id"] = .integer(Int64(ordinals.event(id)))
        members["track_id"] = .integer(Int64(ordinals.track(trackID)))
        if var shot = members["overview"]?.object, let overview {
            shot["image"] = .string(overview.text)
            members["overview"] = .object(shot)
        }
        if var estimations = members["aggregate_estimations"]?.object, var body = estimations["body"]?.object {
            body["samples"] = body["samples"]?.array.map { .array($0.map(\.withTextOfPicture)) }
            body["thumbnail"] = body["thumbnail"]?.withTextOfPicture
            estimations["body"] = .object(body)
            members["aggregate_estimations"] = .object(estimations)
        }
        // Ids of samples are random.
        members["detections"] = members["detections"]?.array.map { .array($0.map(\.withoutSample)) }
        return .object(members)
    }
}

extension JSONValue {
    fileprivate var withTextOfPicture: JSONValue {
        guard var members = object, let image = members["image"]?.string.flatMap({ Data(base64Encoded: $0) }) else {
            return self
        }
        members["image"] = .string(String(decoding: image, as: UTF8.self))
        return .object(members)
    }
    fileprivate var withoutSample: JSONValue {
        guard var members = object, var samples = members["samples"]?.object, var body = samples["body"]?.object else {
            return self
        }
        if body["sample_id"] != .null { (body["sample_id"], body["url"]) = ("an id", "its path") }
        samples["body"] = .object(body)
        members["samples"] = .object(samples)
        return .object(members)
    }
}

extension Event {
    /// What is found of it in the store, in the same way.
    fileprivate func storedExample(_ ordinals: inout Ordinals) -> JSONValue {
        let stream = UUID(), account = UUID()
        let wire = wire(at: EventPlace(stream: stream, account: account))
        func instant(_ time: FrameTime) -> StoredEvent.Instant {
            StoredEvent.Instant(offset: time.pts, time: time.wallClock)
        }
        let stored = StoredEvent(
            id: id, accountID: account, streamID: stream, handlerID: BuiltInHandler.id(of: account), type: type,
            trackID: trackID.wire, begin: instant(begin), end: instant(end), state: .closed, body: wire)
        var members = stored.stored().object ?? [:]
        for name in ["account_id", "handler_id", "stream_id"] { members[name] = nil }
        members["event_id"] = .integer(Int64(ordinals.event(id)))
        members["track_id"] = .integer(Int64(ordinals.track(trackID)))
        return .object(members)
    }
}

extension Observation {
    fileprivate init(_ frame: JSONReader, size: JSONReader, in region: RegionFilter?) throws {
        _ = try frame.object(known: ["at", "frame_size", "people", "tracks"])
        let seconds = try frame.required("at").number()
        let sides = try (try frame.optional("frame_size") ?? size).items(minimum: 2, maximum: 2).map {
            try $0.integer()
        }
        let size = PixelSize(width: sides[0], height: sides[1])
        if let people = try frame.optional("people") {
            let points = try people.items().map { item in
                let point = try item.items(minimum: 2, maximum: 2).map { Float(try $0.number()) }
                return Point(x: point[0], y: point[1])
            }
            self.init(at: seconds, people: points, in: region, size: size)
        } else {
            self.init(
                at: seconds, tracks: try frame.required("tracks").items().map { try Track($0, at: seconds) }, size: size
            )
        }
    }
}
extension Track {
    fileprivate init(_ row: JSONReader, at seconds: Double) throws {
        let row = try row.items(minimum: 4, maximum: 4)
        let box = try row[2].items(minimum: 4, maximum: 4).map { Float(try $0.number()) }
        let phases = ["tentative", "confirmed", "lost"]
        self.init(
            id: ID(rawValue: UInt64(try row[0].integer(in: 1 ... .max))),
            phase: Phase(rawValue: try row[1].string(oneOf: phases))!,
            box: BoundingBox(minX: box[0], minY: box[1], maxX: box[0] + box[2], maxY: box[1] + box[3]),
            confidence: row[3].value == .null ? nil : Float(try row[3].number(in: 0...1)),
            firstSeen: MediaTime(seconds: seconds), lastSeen: MediaTime(seconds: seconds), sightings: 3)
    }
}
