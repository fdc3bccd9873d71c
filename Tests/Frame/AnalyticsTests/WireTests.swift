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
                        role: .frame(member: "overview"), time: sighting.time, facts: sighting.pictureFacts,
                        snapshot: $0)
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
            face: nil, body: Person.Side(detection: Self.detection, isSample: true),
            targets: showsBody ? [.bodyDetection] : [])
    }
    private static let detection = Detection(
        box: BoundingBox(minX: 1.4, minY: 2.4, maxX: 4.6, maxY: 6.4), confidence: 0.4312)
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
    @Test func aCrowdOfNowhereHasAllMembersOfALocation() {
        let wire = event(crowd()).wire(at: EventPlace(stream: Self.id, account: Self.id, isStored: false))
        #expect(
            wire["event"]?["location"] == [
                "city": nil, "area": nil, "district": nil, "street": nil, "house_number": nil, "geo_position": nil,
            ])
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

    // MARK: Samples

    /// A person with an overview and samples of the same frame and of a later one.
    private func sampled() -> Event {
        var event = event(person(), snapshot: Snapshot(mediaType: .jpeg, bytes: [1]))
        let later = Person(
            time: FrameTime(at: 2), face: nil, body: person().body, targets: [.bodyDetection])
        for (index, shot) in [person(), later].enumerated() {
            event.pictures.append(
                Event.Picture(
                    role: .body(index == 0 ? [.samples, .thumbnail] : [.samples]), time: shot.time,
                    facts: shot.sample(of: .body)?.facts ?? shot.facts, snapshot: Snapshot(mediaType: .jpeg, bytes: [2])
                ))
        }
        return event
    }
    private func told(_ event: Event, isStored: Bool = true, _ told: (Event.Picture) -> Event.Picture.Told?)
        -> JSONValue
    {
        event.wire(at: EventPlace(stream: Self.id, account: Self.id, isStored: isStored), told: told)["event"] ?? .null
    }

    @Test func eachSampleIsADetectionAndTheOverviewIsItsOriginWhereItShowsIt() throws {
        let event = sampled()
        let wire = told(event) { .link($0.kind.path(of: $0.id)) }
        let detections = try #require(wire["detections"]?.array)
        #expect(detections.map { $0["detect_ts"] } == [1.234, 2.0])
        #expect(detections.map { $0["image_origin"] } == [wire["overview"]?["image"], .null])
        let paths = event.samples.map { "/6/samples/bodies/\($0.id.wire)" }
        let bodies = detections.compactMap { $0["samples"]?["body"] }
        #expect(bodies.map { $0["sample_id"]?.string } == event.samples.map(\.id.wire))
        #expect(bodies.map { $0["url"]?.string } == paths)
        #expect(
            bodies.map { $0["detection"] }
                == [JSONValue](repeating: ["rect": Self.shown["bbox"]!, "score": 0.4312], count: 2))
        let body = try #require(wire["aggregate_estimations"]?["body"])
        #expect(body["attributes"] == [:] && wire["aggregate_estimations"]?["face"] == ["attributes": [:]])
        #expect(
            body["samples"] == [
                ["time_offset": 1.234, "image": .string(paths[0])], ["time_offset": 2.0, "image": .string(paths[1])],
            ])
        #expect(body["thumbnail"] == ["time_offset": 1.234, "image": .string(paths[0])])
    }
    @Test func aSampleThatWasNotKeptIsStillADetection() throws {
        let event = sampled(), kept = event.samples[1].id
        let wire = told(event) { $0.id == kept ? .link("/there") : nil }
        let bodies = try #require(wire["detections"]?.array).compactMap { $0["samples"]?["body"] }
        #expect(bodies.map { $0["sample_id"] } == [.null, .string(kept.wire)])
        #expect(wire["overview"] == nil && wire["aggregate_estimations"]?["body"]?["thumbnail"] == nil)
        #expect(wire["aggregate_estimations"]?["body"]?["samples"] == [["time_offset": 2.0, "image": "/there"]])
    }
    @Test func whereNothingIsStoredSamplesAreInTheEventAndHaveNoID() throws {
        let wire = told(sampled(), isStored: false, \.base64)
        let detections = try #require(wire["detections"]?.array)
        #expect(detections.allSatisfy { $0["samples"]?["body"]?["sample_id"] == .null && $0["image_origin"] == .null })
        #expect(wire["aggregate_estimations"]?["body"]?["samples"]?.array?.map { $0["image"] } == ["Ag==", "Ag=="])
    }
    @Test func whatCannotBeEncodedIsLeftOut() {
        struct Broken: Error {}
        let event = event(person(), snapshot: Snapshot(mediaType: .jpeg) { throw Broken() })
        #expect(told(event, \.base64)["overview"] == nil)
    }
}
