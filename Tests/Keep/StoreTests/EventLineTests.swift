import Foundation
import JSON
import KeepSupport
import Records
import Sealing
import Testing

@testable import Store

/// Events as they wait in the spool, also those that daemons before have left there.
struct EventLineTests {
    private static let account = UUID(), stream = UUID(), id = UUID()

    @Test func whatWaitsIsReadAsItWasWritten() throws {
        let event = RawEvent(
            accountID: Self.account, handlerID: BuiltInHandler.id(of: Self.account), begin: TemporaryStore.noon,
            end: TemporaryStore.noon + 1,
            members: ["source": "gate", "tags": ["a"], "meta": ["t": 1], "stream_id": .string(Self.stream.wire)],
            isNotice: false, callbacks: [try Callback(JSONReader(["type": "http", "url": "http://a.example/"]))])
        let batch = EventBatch(event, at: TemporaryStore.noon, vault: try Vault.inMemory())
        let read = try EventBatch(line: batch.line)
        #expect(batch.deliveries.map(\.sourceID) == [event.handlerID] && batch.deliveries[0].report != nil)
        #expect(read == batch)
        #expect(read.changes[0].columns.handler == event.handlerID && read.changes[0].columns.source == "gate")
    }

    @Test func whatSomebodyLooksLikeWaitsWithHisEventUnlessThatIsPutAside() throws {
        let event = RawEvent(
            accountID: Self.account, handlerID: BuiltInHandler.id(of: Self.account), begin: TemporaryStore.noon,
            end: TemporaryStore.noon, members: [:], descriptor: .random())
        let batch = EventBatch(event, at: TemporaryStore.noon, vault: try Vault.inMemory())
        let read = try EventBatch(line: batch.line)
        #expect(read == batch && read.changes[0].descriptor == event.descriptor && read.hasDescriptors)
        let aside = try EventBatch(line: batch.withoutDescriptors.line)
        #expect(!aside.hasDescriptors && aside.changes[0].body == batch.changes[0].body)
        let broken = String(decoding: batch.line, as: UTF8.self)
            .replacing(#""descriptor":""#, with: #""descriptor":"?"#)
        #expect(throws: (any Error).self) { try EventBatch(line: Array(broken.utf8)) }
    }

    @Test func picturesAreOfTheirKindAndThoseOfDaemonsBeforeAreImages() throws {
        let event = Event.person(from: 1, to: 2, samples: 1)
        let pictures = event.pictures.map {
            KeptPicture(
                id: $0.id, kind: $0.kind, contentType: "image/jpeg", size: 5, expiry: $0.kind == .image ? nil : 7)
        }
        let stream = StreamDefinition(
            id: Self.stream, accountID: Self.account, version: 1,
            source: SourceSpecification(kind: .stream, reference: "rtsp://camera/1"), analytics: [],
            location: .emptyObject)
        let batch = try #require(
            EventBatch(
                [event.update(.closed)], deliveries: [], of: stream, at: TemporaryStore.noon,
                vault: try Vault.inMemory(),
                pictures: Dictionary(uniqueKeysWithValues: pictures.map { ($0.id, $0) })))
        #expect(try EventBatch(line: batch.line).changes[0].pictures == pictures)
        let before = String(decoding: batch.line, as: UTF8.self).replacing(#","image"]"#, with: "]")
        #expect(before.utf8.count == batch.line.count - 8)
        #expect(try EventBatch(line: Array(before.utf8)).changes[0].pictures == pictures)
    }

    @Test func whatARecordIsToldByWaitsWithItsEvent() throws {
        let stream = StreamDefinition(
            id: Self.stream, accountID: Self.account, version: 1,
            source: SourceSpecification(kind: .stream, reference: "rtsp://camera/1"), analytics: [],
            location: .emptyObject)
        let origin = EventOrigin(name: "people_count", resultName: "crowd")
        let updates = AnalyticUpdates(origin: origin, updates: [Event.crowd(from: 1, to: 2).update(.opened)]).durable
        let vault = try Vault.inMemory()
        let batch = try #require(
            EventBatch(updates, deliveries: [], of: stream, at: TemporaryStore.noon, vault: vault))
        let read = try EventBatch(line: batch.line)
        #expect(read == batch && read.streamID == Self.stream)
        #expect(read.changes[0].retelling?.results.value["crowd"]?["people_count"] == 2)
    }

    /// A person as it was written before persons' events had the form of generated ones.
    private static let person: JSONValue = [
        "event_type": "human_tracking", "account_id": .string(account.wire),
        "event_create_time": "2024-05-11T09:11:41.674Z", "event_end_time": "2024-05-11T09:11:49.174Z",
        "event": [
            "stream_id": .string(stream.wire), "event_id": .string(id.wire), "track_id": .string(id.wire),
            "video_segment": ["start_time_offset": 1, "end_time_offset": 8.5], "face": nil,
            "body": [
                "detection": ["bbox": ["x": 1, "y": 2, "width": 3, "height": 4], "score": 0.4]
            ], "overview": ["time_offset": 3, "image": "anBlZw=="], "location": ["city": "Riga"],
        ],
    ]

    @Test func anOlderPersonTakesTheFormOfGeneratedEvents() throws {
        let line: JSONValue = [
            "stream": .string(Self.stream.wire), "account": .string(Self.account.wire), "time": 1_715_418_709_000,
            "due": [],
            "changes": [
                [
                    "id": .string(Self.id.wire), "track": .string(Self.id.wire), "type": "human_tracking",
                    "begin": [0, 1_715_418_701_674], "end": [0, 1_715_418_709_174], "closing": true,
                    "body": .string(Self.person.text), "pictures": ["overview"],
                ]
            ],
        ]
        let change = try #require(try EventBatch(line: Array(line.data)).changes.first)
        #expect(change.columns.handler == BuiltInHandler.id(of: Self.account))
        #expect(change.columns.stream == Self.stream && change.columns.places[0] == "Riga" && change.retelling == nil)
        #expect(try EventBatch(line: Array(line.data)).streamID == Self.stream)
        let event = try #require(try JSONValue(parsing: Data(change.body.utf8))["event"])
        #expect(event["body"] == nil && event["url"] == .string("/6/events/\(Self.id.wire)"))
        let detection = try #require(event["detections"]?.array?.first)
        #expect(detection["samples"]?["body"]?["detection"]?["rect"]?["width"] == 3)
        #expect(detection["detect_time"] == "2024-05-11T09:11:43.674Z" && detection["detect_ts"] == 3)
        #expect(event["overview"]?["image"] == "anBlZw==")
    }
}
