import Foundation
import JSON
import Records
import Scene
import Testing

@testable import API

/// What the filters of `/6/ws` let pass.
struct NoticeFilterTests {
    private static let account = UUID(), stream = UUID()
    private static let handler = BuiltInHandler.id(of: account)
    private static func event(_ members: [String: JSONValue]) -> StoredEvent {
        let raw = RawEvent(accountID: account, handlerID: handler, begin: .now, end: .now, members: members)
        let instant = StoredEvent.Instant(offset: .zero, time: raw.begin)
        return StoredEvent(
            id: raw.id, accountID: account, streamID: stream, handlerID: handler, type: RawEvent.type, trackID: nil,
            begin: instant, end: instant, state: .closed, body: raw.wire)
    }
    private static let whole = event([
        "source": "gate-2", "stream_id": .string(stream.wire), "user_data": "who", "tags": ["vip", "late"],
        "location": [
            "city": "Riga", "area": "north", "district": "d", "street": "Brivibas", "house_number": "12",
            "geo_position": ["longitude": 24.118, "latitude": 56.955],
        ],
        "matches": [
            ["label": "staff", "candidates": [["face": ["face_id": .string(UUID().wire)], "similarity": 0.7]]],
            ["label": "guests", "candidates": []],
        ],
        "face_attributes": [
            "basic_attributes": ["age": 33, "gender": 1, "ethnicities": ["predominant_ethnicity": "asian"]]
        ],
        "aggregate_estimations": [
            "face": [
                "attributes": [
                    "emotions": ["predominant_emotion": "happiness"], "mask": ["predominant_mask": "missing"],
                ]
            ],
            "body": [
                "attributes": [
                    "upper_body": ["upper_clothing": ["colors": ["red", "blue"]], "sleeve": ["length": "long"]]
                ]
            ],
        ],
    ])

    private static let pairs: [(String, String)] = [
        ("sources=gate-2,gate-3", "sources=gate-1"), ("stream_ids=\(stream.wire)", "stream_ids=\(handler.wire)"),
        ("handler_ids=\(handler.wire)", "handler_ids=\(stream.wire)"), ("user_data=wh", "user_data=hw"),
        ("tags=late,vip", "tags=vip,early"), ("cities=Riga", "cities=Bonn"), ("areas=north", "areas=nor"),
        ("districts=d,e", "districts=e"), ("streets=Brivibas", "streets=brivibas"),
        ("house_numbers=12", "house_numbers=1"),
        ("age__gte=33&age__lt=34", "age__gte=34"), ("gender=1", "gender=0"), ("ethnic_groups=3", "ethnic_groups=1,2"),
        ("emotions=4", "emotions=1,2"), ("masks=1", "masks=2"), ("sleeve_lengths=long", "sleeve_lengths=short"),
        ("upper_clothing_colors=green,red", "upper_clothing_colors=green"),
        ("matching_candidates_labels=guests,none", "matching_candidates_labels=guest"),
        ("object_similarity__gte=0.7", "object_similarity__lt=0.7"),
        (
            "geo_position=origin_longitude,24.12,origin_latitude,56.95",
            "geo_position=origin_longitude,24.2,origin_latitude,56.95"
        ),
        (
            "geo_position=origin_longitude,24.2,origin_latitude,56.95,longitude_delta,0.1",
            "geo_position=origin_longitude,24.12,origin_latitude,56.95,latitude_delta,0.001"
        ),
        // Compares what nobody has, or what is no choice here.
        ("track_ids=1", "liveness=1"), ("external_ids=1", "deepfake=0"), ("page=x", "apparent_gender=1"),
        ("", "apparent_age__gte=0"), ("", "headwear_states=0"), ("", "headwear_apparent_colors=black"),
        ("", "lower_garment_colors=black"), ("", "lower_garment_types=skirt"), ("", "shoes_apparent_colors=white"),
        ("", "backpack_states=2"),
    ]
    @Test(arguments: pairs)
    func anEventIsToldWhereAllFiltersLetItPass(passing: String, refusing: String) throws {
        for (query, isPassing) in [(passing, true), (refusing, false), ("gender=1&\(refusing)", false)] {
            let filter = try Query(query).notices(account: nil)
            #expect(filter.matches(Self.whole) == isPassing, "\(query)")
        }
    }

    @Test func nothingButAnEventPassesAnyFilterOfWhatIsNotSet() throws {
        let bare = Self.event([:])
        let (own, others) = (try Query("").notices(account: Self.account), try Query("").notices(account: UUID()))
        #expect(own.matches(bare) && !others.matches(bare))
        for field in FilterField<StoredEvent>.ofNotices
        where field.query != "handler_ids" && field.query != "stream_ids" {
            let value =
                switch field.kind {
                case .integer(let range): "\(range.lowerBound)"
                case .number(let range): "\(range.upperBound)"
                case .choice(let words): words[0]
                default: "x"
                }
            let filter = try Query("\(field.query)=\(value)").notices(account: nil)
            #expect(!filter.matches(bare), "\(field.query)")
        }
    }
}
