import Foundation
import JSON
import Records
import Scene
import Testing

/// What is remembered of frames, and what is let go of.
struct StreamTraceTests {
    private struct Said: Decision {
        var track: Track.ID?
        var event: UUID?
        var verdict: FrameVerdict
        var step = 0
        var conditions: [TestedCondition] { [TestedCondition("value", step, .atLeast, "bound", 2)] }
        var sentence: String { "it is \(verdict.rawValue)" }
    }
    private struct Nothing: Facts { var members: [String: JSONValue] { [:] } }

    private static let start = Date(rfc3339: "2026-03-02T14:00:00Z")!
    private static func time(_ second: Double) -> FrameTime {
        FrameTime(
            index: Int((second * 10).rounded()), pts: MediaTime(seconds: second),
            wallClock: start.addingTimeInterval(second))
    }
    private static func frame(
        _ second: Double, _ verdict: FrameVerdict = .idle, event: UUID? = nil, step: Int = 0, boxes: Int = 1
    ) -> FrameTrace {
        let box = TracedBox(
            BoundingBox(minX: 1, minY: 2, maxX: 11, maxY: 22), confidence: 0.5, track: Track.ID(rawValue: 7),
            standing: .counted)
        return FrameTrace(
            time: time(second), count: boxes, boxes: Array(repeating: box, count: boxes),
            decisions: [Said(event: event, verdict: verdict, step: step)], threshold: 0.3,
            frameSize: PixelSize(width: 640, height: 360))
    }
    private static func event(from second: Double) -> Event {
        Event(trackID: UUID(), type: "crowd", begin: time(second), end: time(second), facts: Nothing())
    }
    private static func update(_ event: Event, _ change: EventUpdate.Change) -> EventUpdate {
        EventUpdate(event: event, change: change, status: nil, isReported: false, time: event.end, live: Nothing())
    }
    private static let rules = AnalyticRules(
        name: "people_count", index: 0, parameters: ["a": 1], parametersSHA256: "ff", model: nil, thresholds: [:],
        rate: .frames(1))
    private static func trace(_ limits: TraceLimits = TraceLimits()) -> StreamTrace {
        StreamTrace(stream: UUID(), account: UUID(), rules: [rules], limits: limits)
    }

    // MARK: Events

    @Test(arguments: [(3, false), (600, false), (600, true), (20_000, false), (20_000, true)])
    func anEventHasFiveHundredFramesAtMostAndKeepsItsEndsAndItsChanges(count: Int, isRestless: Bool) throws {
        var trace = Self.trace()
        var event = Self.event(from: 0)
        let turns = Set([0, count / 3, count / 2, count - 1])
        for index in 0..<count {
            let second = Double(index) / 10
            event.end = Self.time(second)
            let change: EventUpdate.Change = index == 0 ? .opened : .continued
            let frame = Self.frame(
                second, index == 0 ? .opened : .continued, event: event.id,
                step: isRestless ? index : turns.filter { $0 <= index }.count)
            #expect(trace.take(frame, of: 0, updates: [Self.update(event, change)]).isEmpty)
            #expect(trace.openFrames <= 500)
        }
        let last = Self.frame(Double(count) / 10, .closed, event: event.id)
        let closed = try #require(trace.take(last, of: 0, updates: [Self.update(event, .closed)]).first)
        let indices = closed.frames.map(\.time.index)
        #expect(indices.count <= 500 && closed.framesSeen == count + 1)
        #expect(indices.first == 0 && indices.last == count && indices == indices.sorted())
        if !isRestless { #expect(turns.isSubset(of: indices)) }
        guard count > 1000 else { return }
        // What is left is spread over the event.
        let steps = zip(indices, indices.dropFirst()).map { $1 - $0 }
        #expect(indices.count >= 200 && (steps.max() ?? 0) <= count / 100)
    }
    @Test func anEventIsToldFromTwoSecondsBeforeItBegins() throws {
        var trace = Self.trace()
        for index in 0..<100 { _ = trace.take(Self.frame(Double(index) / 10), of: 0, updates: []) }
        let event = Self.event(from: 10)
        let opening = Self.frame(10, .opened, event: event.id)
        _ = trace.take(opening, of: 0, updates: [Self.update(event, .opened)])
        let open = try #require(trace.openTrace(of: event.id))
        #expect(!open.isClosed && (8...8.5).contains(open.frames.first?.time.pts.seconds ?? 0))
        // The frame before the change is there, though nothing changed in it.
        #expect(open.frames.suffix(2).map(\.time.index) == [99, 100])
        #expect(open.wire["frame_size"] == ["width": 640, "height": 360])
        #expect(open.wire["answer"] == ["2026-03-02T14:00:10.000Z (time_offset 10): it is opened."])
    }
    @Test func whatTheEndOfTheSourceEndsSaysSo() throws {
        var trace = Self.trace()
        let event = Self.event(from: 0)
        _ = trace.take(Self.frame(0, .opened, event: event.id), of: 0, updates: [Self.update(event, .opened)])
        let closed = try #require(trace.pause().first)
        #expect(closed.isClosed && closed.wire["is_open"] == false)
        #expect(closed.wire["answer"]?.array?.last?.string?.contains("source ended") == true)
        #expect(trace.openTrace(of: event.id) == nil && trace.pause().isEmpty)
    }

    /// Whatever is asked, `answer` is a list of sentences, and never an empty one.
    @Test func anAnswerIsAListOfSentences() throws {
        func sentences(_ wire: JSONValue) -> [String] { wire["answer"]?.array?.compactMap(\.string) ?? [] }
        var trace = Self.trace()
        let window = Self.time(0).wallClock...Self.time(2).wallClock
        func why(_ analytics: [JSONValue], _ missing: [TraceGap] = []) -> JSONValue {
            streamWhy(
                stream: UUID(), account: UUID(), time: Self.time(1).wallClock, window: window, analytics: analytics,
                missing: missing)
        }
        func moment() -> [JSONValue] {
            trace.moment(window, now: Self.time(2).wallClock).map { $0.wire(at: Self.time(1).wallClock) }
        }
        let blind = moment()
        #expect(blind.map(sentences) == [["Nothing is known of that time: the source delivered no frame."]])
        #expect(sentences(why(blind)) == blind.flatMap(sentences).map { "people_count: \($0)" })
        _ = trace.take(Self.frame(1, .idle), of: 0, updates: [])
        let seen = moment(), told = sentences(why(seen + blind))
        #expect(told == ["people_count: No event at 2026-03-02T14:00:01.000Z (time_offset 1): it is idle."])
        #expect(seen.flatMap(sentences).map { "people_count: \($0)" } == told)
        #expect(
            sentences(why([], [TraceGap(.forgotten, from: nil, to: nil), TraceGap(.noFrame, from: nil, to: nil)]))
                == [
                    "Nothing is known of that time: what was seen then is no longer remembered; "
                        + "the source delivered no frame."
                ])
        #expect(sentences(trace.moment(trace.everything, now: Self.time(2).wallClock)[0].wire(at: nil)).count == 1)
    }

    // MARK: Memory

    @Test func memoryIsBoundedInBytesAndInTime() {
        var limits = TraceLimits()
        limits.bytes = 20_000
        var trace = Self.trace(limits)
        for index in 0..<10_000 {
            _ = trace.take(Self.frame(Double(index) / 10, step: index, boxes: 100), of: 0, updates: [])
            #expect(trace.size <= limits.bytes)
        }
        let last = Self.time(999.9).wallClock
        let known = trace.moment(last.addingTimeInterval(-900)...last, now: last)
        #expect((3...20).contains(known[0].frames.count) && known[0].frames.allSatisfy { $0.boxes.count == 64 })
        #expect(known[0].wire(at: last)["missing"]?.array?.first?["reason"] == "forgotten")

        limits = TraceLimits()
        limits.memory = .seconds(10)
        trace = Self.trace(limits)
        for index in 0..<1000 { _ = trace.take(Self.frame(Double(index) / 10), of: 0, updates: []) }
        let frames = trace.moment(trace.everything, now: Self.time(99.9).wallClock)[0].frames
        #expect(frames.first?.time.pts.seconds ?? 0 >= 89.9)
        // Two a second of those in which nothing changes, and the latest.
        #expect((20...23).contains(frames.count) && frames.last?.time.index == 999)
    }

    // MARK: What is missing

    private static func reasons(_ trace: StreamTrace, now second: Double) -> [String] {
        let now = time(second).wallClock
        let wire = trace.moment(start...now, now: now)[0].wire(at: now)
        return wire["missing"]?.array?.compactMap { $0["reason"]?.string } ?? []
    }

    @Test func timesWithoutFramesAreToldWithTheirReason() {
        var trace = Self.trace()
        func see(_ seconds: StrideTo<Double>) {
            for second in seconds { _ = trace.take(Self.frame(second), of: 0, updates: []) }
        }
        see(stride(from: 0, to: 10, by: 0.1))
        #expect(Self.reasons(trace, now: 10.5) == [])
        #expect(Self.reasons(trace, now: 15) == ["no_frame"])
        // Frames were decoded meanwhile: they were not looked at.
        see(stride(from: 14, to: 16, by: 0.1))
        #expect(Self.reasons(trace, now: 16) == ["not_analysed"])
        for second in [16.0, 16.1, 16.2] { trace.fail(0, at: Self.time(second), "no memory") }
        #expect(Self.reasons(trace, now: 16.5) == ["not_analysed", "failed"])
        see(stride(from: 16.3, to: 18, by: 0.1))
        _ = trace.pause()
        trace.lose("rtsp://me:geheim@camera/1 is gone")
        see(stride(from: 30, to: 31, by: 0.1))
        #expect(Self.reasons(trace, now: 31) == ["not_analysed", "failed", "source_lost"])
        let text = trace.moment(trace.everything, now: .now)[0].wire(at: nil).text
        #expect(text.contains("is gone") && !text.contains("geheim"))
    }
    @Test func aSlowSourceIsNoSlowAnalysis() {
        var trace = Self.trace()
        for index in 0..<20 {
            let second = index < 10 ? Double(index) / 10 : Double(index)
            let time = FrameTime(
                index: index, pts: MediaTime(seconds: second), wallClock: Self.start.addingTimeInterval(second))
            _ = trace.take(
                FrameTrace(
                    time: time, count: 0, boxes: [], decisions: [Said(verdict: .idle)], threshold: 0.3,
                    frameSize: PixelSize(width: 640, height: 360)), of: 0,
                updates: [])
        }
        #expect(Self.reasons(trace, now: 19).first == "no_frame")
    }
    @Test func aTimeIsAnsweredByTheFrameNextToIt() {
        var trace = Self.trace()
        for index in 0..<100 {
            _ = trace.take(Self.frame(Double(index) / 10, index == 50 ? .probing : .idle), of: 0, updates: [])
        }
        func answer(_ second: Double) -> String {
            let time = Self.time(second).wallClock
            let moment = trace.moment(
                time.addingTimeInterval(-1)...time.addingTimeInterval(1), now: Self.time(9.9).wallClock)
            return moment[0].wire(at: time)["answer"]?.array?.first?.string ?? ""
        }
        #expect(answer(5) == "No event at 2026-03-02T14:00:05.000Z (time_offset 5): it is probing.")
        #expect(answer(7.5).hasPrefix("No event at") && answer(7.5).hasSuffix("it is idle."))
        #expect(answer(-60).hasPrefix("Nothing is known of that time"))
    }
}
