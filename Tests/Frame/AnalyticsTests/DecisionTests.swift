import Foundation
import JSON
import Records
import Scene
import Testing

@testable import Analytics

/// What analytics say of each frame: by what they decided, and how near that was to something else.
struct DecisionTests {
    private static func told(_ decisions: [any Decision]) -> [String] {
        decisions.map { decision in
            let conditions = decision.conditions.map {
                "\($0.name) \($0.value.formatted()) \($0.relation.rawValue) \($0.bound.formatted()) \($0.holds)"
            }
            return ([decision.verdict.rawValue] + conditions).joined(separator: ", ")
        }
    }
    /// Of frames of `counts` people, 0.4 s apart.
    private static func decisions(_ text: String, counts: [Int]) throws -> [any Decision] {
        var analytic = try PeopleCount(text)
        return counts.enumerated().flatMap { index, count in
            _ = analytic.observe(Observation(at: Double(index) * 0.4, count: count))
            return analytic.decisions
        }
    }

    @Test func aCrowdTellsWhyItBeginsGoesOnAndEnds() throws {
        let text = #"{"parameters": {"people_count_threshold": 2, "probe_count": 3}}"#
        let decisions = try Self.decisions(text, counts: [1, 2, 2, 3, 2, 1, 0, 2, 0, 0, 0])
        #expect(
            Self.told(decisions) == [
                "idle, people_count 1 >= 2 false",
                "probing, people_count 2 >= 2 true, frames_in_a_row 1 >= 3 false",
                "probing, people_count 2 >= 2 true, frames_in_a_row 2 >= 3 false",
                "opened, people_count 3 >= 2 true, frames_in_a_row 3 >= 3 true",
                "continued, people_count 2 >= 2 true",
                "paused, people_count 1 >= 2 false, frames_without 1 >= 3 false, seconds_without 0.4 >= 1 false",
                "paused, people_count 0 >= 2 false, frames_without 2 >= 3 false, seconds_without 0.8 >= 1 false",
                "continued, people_count 2 >= 2 true",
                "paused, people_count 0 >= 2 false, frames_without 1 >= 3 false, seconds_without 0.4 >= 1 false",
                "paused, people_count 0 >= 2 false, frames_without 2 >= 3 false, seconds_without 0.8 >= 1 false",
                "closed, people_count 0 >= 2 false, frames_without 3 >= 3 true, seconds_without 1.2 >= 1 true",
            ])
        // All from the opening on are about one event, and none before it.
        #expect(decisions.prefix(3).allSatisfy { $0.event == nil })
        #expect(Set(decisions.dropFirst(3).map(\.event)).count == 1 && decisions[3].event != nil)
    }
    @Test func aCrowdThatNeverIsTellsWhyNot() throws {
        let text = #"{"parameters": {"people_count_threshold": 3, "probe_count": 2}}"#
        let decisions = try Self.decisions(text, counts: [2, 3, 2])
        #expect(
            decisions.map(\.sentence) == [
                "2 people are counted, fewer than people_count_threshold 3",
                "3 people are counted, at least people_count_threshold 3, in 1 frame in a row of the 2 that probe_count asks for",
                "2 people are counted, fewer than people_count_threshold 3",
            ])
        #expect(decisions.allSatisfy { $0.event == nil })
    }
    @Test func anEventThatAPeriodCutsIsToldUnderEachId() throws {
        var analytic = try PeopleCount(
            #"{"parameters": {"probe_count": 1, "event_policy": {"trigger": "period", "interval": 1}}}"#)
        var events: [UUID?] = []
        for index in 0..<5 {
            let updates = analytic.observe(Observation(at: Double(index) * 0.5, count: 1))
            events.append(analytic.decisions[0].event)
            #expect(updates.last?.event.id == events.last!)
        }
        #expect(Set(events).count == 3)
    }

    @Test func aPersonTellsWhyTheirEventBeginsGoesOnAndEnds() throws {
        var analytic = try HumanTracking(#"{"parameters": {"probe_count": 2}}"#)
        let frames: [[Track]] = [
            [Track(1, .tentative, 0.4, sightings: 1)], [Track(1, .confirmed, 0.5, seen: 0.2, sightings: 2)],
            [Track(1, .confirmed, 0.6, seen: 0.4, sightings: 3)],
            [Track(1, .confirmed, nil, seen: 0.4, sightings: 3)],
            [Track(1, .lost, nil, seen: 0.4, sightings: 3)], [],
        ]
        var told: [String] = [], sentences: [String] = [], events: Set<UUID?> = []
        for (index, tracks) in frames.enumerated() {
            _ = analytic.observe(Observation(at: Double(index) * 0.2, tracks: tracks))
            told += Self.told(analytic.decisions)
            sentences += analytic.decisions.map(\.sentence)
            if index > 0 { events.formUnion(analytic.decisions.map(\.event)) }
        }
        #expect(
            told == [
                "probing, frames_found 1 >= 2 false", "opened, frames_found 2 >= 2 true", "continued", "paused",
                "paused", "closed",
            ])
        #expect(events.count == 1 && events.first! != nil)
        #expect(sentences[1] == "track 1 is confirmed, found in 2 frames with score 0.50: the event begins")
        #expect(sentences[5] == "track 1 was given up by the tracker, not seen for 0.6 s: the event has ended")
    }
    @Test func somebodyWhoWasNeverConfirmedTellsWhyNot() throws {
        var analytic = try HumanTracking("{}")
        _ = analytic.observe(Observation(at: 0, tracks: [Track(4, .tentative, 0.4, sightings: 1)]))
        #expect(
            analytic.decisions.map(\.sentence) == [
                "track 4 is tentative: found in 1 frame of the 3 that probe_count asks for"
            ])
        _ = analytic.observe(Observation(at: 0.2, tracks: [Track(4, .tentative, 0.4, seen: 0.2, sightings: 5)]))
        #expect(analytic.decisions.first?.sentence.contains("tracker.still_confidence") == true)
        _ = analytic.observe(Observation(at: 0.4, tracks: []))
        #expect(
            analytic.decisions.map(\.sentence) == [
                "track 4 is gone, found in 5 frames, before it was taken for a person"
            ])
        #expect(Self.told(analytic.decisions) == ["idle, frames_found 5 >= 3 true"])
        _ = analytic.observe(Observation(at: 0.6, tracks: []))
        #expect(analytic.decisions.isEmpty)
    }

    // MARK: The parameters in force

    private static let region = """
        {"mode": "percent", "form": "common", "area": [[{"x": 0, "y": 0}, {"x": 20.5, "y": 0}, {"x": 20, "y": 100}]]}
        """
    private static let shared = """
        "roi": {"mode": "abs", "x": 1, "y": 2, "width": 30, "height": 40}, "rate": {"unit": "second", "period": 0.5},
        "probe_count": 5, "event_policy": {"trigger": "period", "interval": 2.5}, "model": "fast",
        "image_retain_policy": {"mimetype": "PNG", "quality": 0.5, "max_size": 100, "ttl": 7}
        """
    private static let callback = #""callbacks": [{"type": "http", "url": "http://me:geheim@a.example/"}]"#

    /// What is hashed says all that the analytic goes by, so it can be given back to it; and no secret.
    @Test(arguments: [
        "{}",
        #"{"targets": ["overview", "coordinates"], \#(callback), "parameters": {\#(shared), "droi": \#(region), "people_count_threshold": 4}}"#,
    ])
    func theParametersInForceOfACrowdSayThemAll(text: String) throws {
        var parameters = try PeopleCountParameters(JSONReader(text: text))
        let inForce = parameters.inForce
        parameters.shared.callbacks = []
        #expect(try PeopleCountParameters(JSONReader(inForce)) == parameters)
        #expect(!inForce.text.contains("geheim"))
    }
    @Test(arguments: [
        "{}",
        #"{"targets": ["overview"], \#(callback), "parameters": {\#(shared), "body_samples": {"count": 3, "filters": {"score": 0.6, "droi": \#(region)}}}}"#,
    ])
    func theParametersInForceOfTrackingSayThemAll(text: String) throws {
        var parameters = try HumanTrackingParameters(JSONReader(text: text))
        let inForce = parameters.inForce
        parameters.shared.callbacks = []
        #expect(try HumanTrackingParameters(JSONReader(inForce)) == parameters)
        #expect(!inForce.text.contains("geheim"))
    }
}
