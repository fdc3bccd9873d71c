import Foundation
import JSON
import Records
import Scene
import Testing

@testable import Analytics

struct WireTests {
    static let id = UUID(uuidString: "557D54EC-29AD-4F3C-93B4-C9092EF12515")!
    static let lower = "557d54ec-29ad-4f3c-93b4-c9092ef12515"

    func event(_ kind: Event.Kind, detection: Detection? = nil, snapshot: Snapshot? = nil) -> Event {
        Event(
            id: Self.id, trackID: Self.id, kind: kind, begin: FrameTime(at: 0), end: FrameTime(at: 7.5), peopleCount: 3,
            overview: .init(
                time: FrameTime(at: 1.23449), people: [Point(x: 64.4, y: 127.6), Point(x: 491, y: 375)],
                detection: detection, snapshot: snapshot))
    }

    @Test func theMessagesOfAStreamHaveTheirPublishedForms() throws {
        let update = EventUpdate(
            event: event(.crowd), change: .opened, status: .started, isReported: false, time: FrameTime(at: 1.2344),
            peopleCount: 2, people: [Point(x: 64, y: 128), Point(x: 491, y: 375)])
        #expect(
            LiveWire.message(for: update)?.text
                == #"{"analytics_results":{"crowd":{"event_id":"\#(Self.lower)","event_status":"started","people_coordinates":[[64,128],[491,375]],"people_count":2,"time_offset":1.234,"track_id":"\#(Self.lower)"}},"error":null,"stream_status":"in_progress"}"#
        )
        #expect(
            LiveWire.analyticError(resultName: "crowd", "error decoding frame number 12345").text
                == #"{"analytics_results":{"crowd":{"error":"error decoding frame number 12345"}},"error":null,"stream_status":"in_progress"}"#
        )
        #expect(
            LiveWire.streamError("connection refused").text
                == #"{"error":"connection refused","stream_status":"error"}"#)
        #expect(LiveWire.finished.text == #"{"error":null,"stream_status":"finished"}"#)
    }
    @Test func coordinatesThatWereNotAskedForAreAbsent() {
        let update = EventUpdate(
            event: event(.crowd), change: .continued, status: .inProgress, isReported: false, time: FrameTime(at: 2),
            peopleCount: 0)
        #expect(
            update.wire?.object?.keys.sorted() == [
                "event_id", "event_status", "people_count", "time_offset", "track_id",
            ])
        #expect(update.wire?["event_status"] == "in_progress")
    }
    @Test func aPersonsMessageHasABodyAndNoFace() {
        var update = EventUpdate(
            event: event(.humanTracking), change: .closed, status: .finished, isReported: true, time: FrameTime(at: 2),
            peopleCount: 1,
            body: .init(box: BoundingBox(minX: 1.4, minY: 2.4, maxX: 4.6, maxY: 6.4), confidence: 0.93))
        #expect(
            LiveWire.message(for: update)?["analytics_results"]?["tracking"]?.text
                == #"{"body":{"detection":{"bbox":{"height":4,"width":4,"x":1,"y":2},"score":0.93}},"event_id":"\#(Self.lower)","event_status":"finished","face":null,"time_offset":2,"track_id":"\#(Self.lower)"}"#
        )
        update.body?.confidence = nil
        #expect(update.wire?["body"]?["detection"]?["score"] == .null)
        update.body = nil
        #expect(update.wire?["body"] == .null && update.wire?["face"] == .null)
    }
    @Test func aChangeThatOnlyCutsATrackIsNoMessage() {
        let update = EventUpdate(
            event: event(.crowd), change: .closed, status: nil, isReported: true, time: FrameTime(at: 2), peopleCount: 1
        )
        #expect(update.wire == nil && LiveWire.message(for: update) == nil)
    }
    @Test(arguments: [
        (BoundingBox(minX: -5.2, minY: -0.4, maxX: 10, maxY: 20), #"{"height":20,"width":10,"x":0,"y":0}"#),
        (BoundingBox(minX: -20, minY: -20, maxX: -10, maxY: -10), #"{"height":0,"width":0,"x":0,"y":0}"#),
        (
            BoundingBox(minX: .nan, minY: 0, maxX: .infinity, maxY: -.infinity),
            #"{"height":0,"width":1000000,"x":0,"y":0}"#
        ),
    ])
    func aBoxIsWrittenInWholePixelsOfTheFrame(box: BoundingBox, expected: String) {
        #expect(JSONValue.body(box: box, confidence: 0.5)["detection"]?["bbox"]?.text == expected)
    }

    @Test func aCrowdIsWrittenAsItsCallbackBody() {
        let snapshot = Snapshot(mediaType: .jpeg, bytes: Array("jpeg".utf8))
        let location: JSONValue = ["city": "Bonn", "geo_position": nil]
        let wire = event(.crowd, snapshot: snapshot).wire(stream: Self.id, account: Self.id, location: location)
        #expect(
            wire == [
                "event_type": "crowd", "account_id": .string(Self.lower),
                "event_create_time": "2024-05-11T09:11:41.674Z",
                "event_end_time": "2024-05-11T09:11:49.174Z",
                "event": [
                    "stream_id": .string(Self.lower), "event_id": .string(Self.lower), "track_id": .string(Self.lower),
                    "people_count": 3, "video_segment": ["start_time_offset": 0.0, "end_time_offset": 7.5],
                    "overview": [
                        "people_coordinates": [[64, 128], [491, 375]], "image": "anBlZw==", "time_offset": 1.234,
                    ],
                    "location": location,
                ],
            ])
    }
    @Test func withoutAPictureThereIsNoOverview() {
        let wire = event(.crowd).wire(stream: Self.id, account: Self.id, location: .emptyObject)
        #expect(wire["event"]?["overview"] == nil && wire["event"]?["people_count"] == 3)
    }
    @Test func aPersonIsWrittenAsItsCallbackBody() {
        let detection = Detection(box: BoundingBox(minX: 1, minY: 2, maxX: 4, maxY: 6), confidence: 0.4312)
        let snapshot = Snapshot(mediaType: .png, bytes: [0xFF, 0xFE])
        let wire = event(.humanTracking, detection: detection, snapshot: snapshot)
            .wire(stream: Self.id, account: Self.id, location: .emptyObject)
        let shown: JSONValue = ["bbox": ["x": 1, "y": 2, "width": 3, "height": 4], "score": 0.4312]
        #expect(wire["event_type"] == "human_tracking")
        #expect(
            wire["event"] == [
                "stream_id": .string(Self.lower), "event_id": .string(Self.lower), "track_id": .string(Self.lower),
                "video_segment": ["start_time_offset": 0.0, "end_time_offset": 7.5], "face": nil,
                "body": ["detection": shown],
                "overview": ["time_offset": 1.234, "image": "//4=", "detection": ["face": nil, "body": shown]],
                "location": [:],
            ])
    }
}
