import Foundation
import JSON
import Records
import Scene
import Testing

@testable import Analytics

struct WireTests {
    static let id = UUID(uuidString: "557D54EC-29AD-4F3C-93B4-C9092EF12515")!
    static let lower = "557d54ec-29ad-4f3c-93b4-c9092ef12515"

    /// An event with this one sighting.
    func event<S: Sighting>(_ sighting: S, snapshot: Snapshot? = nil) -> Event {
        Event(
            id: Self.id, trackID: Self.id, type: S.eventType, form: S.form, begin: FrameTime(at: 0),
            end: FrameTime(at: 7.5),
            facts: sighting.facts,
            pictures: snapshot.map {
                [
                    Event.Picture(
                        name: "overview", time: sighting.time, facts: sighting.pictureFacts, snapshot: $0)
                ]
            } ?? [])
    }
    func crowd(showsCoordinates: Bool = false) -> Crowd {
        Crowd(
            time: FrameTime(at: 1.23449), people: [Point(x: 64.4, y: 127.6), Point(x: 491, y: 375)],
            showsCoordinates: showsCoordinates)
    }
    func person(showsBody: Bool = true) -> Person {
        Person(
            time: FrameTime(at: 1.23449),
            detection: Detection(box: BoundingBox(minX: 1.4, minY: 2.4, maxX: 4.6, maxY: 6.4), confidence: 0.4312),
            isSample: true, showsBody: showsBody)
    }
    static let shown: JSONValue = ["bbox": ["x": 1, "y": 2, "width": 4, "height": 4], "score": 0.4312]

    @Test func aFrameOfACrowdTellsHowManyAndWhereIfAsked() {
        #expect(crowd().live.members == ["people_count": 2])
        #expect(
            crowd(showsCoordinates: true).live.members == [
                "people_count": 2, "people_coordinates": [[64, 128], [491, 375]],
            ])
    }
    @Test func aFrameOfAPersonHasABodyIfAskedAndNoFace() {
        #expect(person().live.members == ["face": nil, "body": ["detection": Self.shown]])
        #expect(person(showsBody: false).live.members == ["face": nil, "body": nil])
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
        #expect(JSONValue.detection(Detection(box: box, confidence: 0.5))["bbox"]?.text == expected)
    }

    @Test func aCrowdIsWrittenAsItsCallbackBody() {
        let snapshot = Snapshot(mediaType: .jpeg, bytes: Array("jpeg".utf8))
        let location: JSONValue = ["city": "Bonn", "geo_position": nil]
        let wire = event(crowd(), snapshot: snapshot).wire(
            at: EventPlace(stream: Self.id, account: Self.id, location: location))
        #expect(
            wire == [
                "event_type": "crowd", "account_id": .string(Self.lower),
                "event_create_time": "2024-05-11T09:11:41.674Z",
                "event_end_time": "2024-05-11T09:11:49.174Z",
                "event": [
                    "stream_id": .string(Self.lower), "event_id": .string(Self.lower), "track_id": .string(Self.lower),
                    "people_count": 2, "video_segment": ["start_time_offset": 0.0, "end_time_offset": 7.5],
                    "overview": [
                        "people_coordinates": [[64, 128], [491, 375]], "image": "anBlZw==", "time_offset": 1.234,
                    ],
                    "location": location,
                ],
            ])
    }
    @Test func withoutAPictureThereIsNoOverview() {
        let wire = event(crowd()).wire(at: EventPlace(stream: Self.id, account: Self.id, source: "gate"))
        #expect(wire["event"]?["overview"] == nil && wire["event"]?["people_count"] == 2)
    }
    @Test func aPersonIsWrittenAsItsCallbackBody() {
        let snapshot = Snapshot(mediaType: .png, bytes: [0xFF, 0xFE])
        let wire = event(person(), snapshot: snapshot)
            .wire(at: EventPlace(stream: Self.id, account: Self.id, source: "gate"))
        #expect(wire["event_type"] == "human_tracking")
        #expect(
            wire["event"] == [
                "stream_id": .string(Self.lower), "event_id": .string(Self.lower), "track_id": .string(Self.lower),
                "url": .string("/6/events/\(Self.lower)"), "source": "gate", "external_id": "", "user_data": "",
                "tags": nil, "meta": nil, "face": nil, "face_attributes": nil, "body_attributes": nil, "matches": nil,
                "detections": [
                    [
                        "filename": "Raw Image", "detect_time": .string(FrameTime(at: 1.23449).wallClock.rfc3339),
                        "detect_ts": 1.234,
                        "image_origin": nil,
                        "samples": [
                            "face": nil,
                            "body": [
                                "sample_id": nil, "url": nil,
                                "detection": [
                                    "rect": Self.shown["bbox"] ?? .null, "score": Self.shown["score"] ?? .null,
                                ],
                            ],
                        ],
                    ]
                ],
                "aggregate_estimations": ["face": ["attributes": [:]], "body": ["attributes": [:]]],
                "video_segment": ["start_time_offset": 0.0, "end_time_offset": 7.5],
                "overview": ["time_offset": 1.234, "image": "//4=", "detection": ["face": nil, "body": Self.shown]],
                "location": [
                    "city": nil, "area": nil, "district": nil, "street": nil, "house_number": nil, "geo_position": nil,
                ],
            ])
    }
    @Test func anEventThatIsNotStoredHasNoPlaceWhereItIsFound() {
        let wire = event(person()).wire(at: EventPlace(stream: Self.id, account: Self.id, isStored: false))
        #expect(wire["event"]?["url"] == .null && wire["event"]?["source"] == .null)
    }
}
