import Foundation
import JSON
import Testing

@testable import Records

struct HandlerPoliciesTests {
    private static func read(_ policies: JSONValue) throws -> HandlerPolicies {
        try HandlerPolicies(JSONReader(policies, path: "policies"))
    }
    private static let list = UUID()

    @Test func whatIsNotSaidGetsTheDefaultsOfTheContract() throws {
        let wire = try Self.read([:]).wire()
        #expect(wire["detect_policy"]?["detect_face"] == 1 && wire["detect_policy"]?["multiface_policy"] == 1)
        #expect(wire["detect_policy"]?["yaw_threshold"] == .null)
        #expect(wire["detect_policy"]?["estimate_people_count"] == ["estimate": 0, "people_coordinates": 1])
        #expect(wire["detect_policy"]?["face_quality"]?["checks"]?.object?.count == 44)
        #expect(
            wire["detect_policy"]?["face_quality"]?["checks"]?["eye_distance"]
                == ["estimate": 1, "threshold": ["min": 90.0, "max": nil]])
        #expect(wire["extract_policy"]?["extract_face_descriptor"] == 1)
        #expect(wire["match_policy"] == [] && wire["conditional_tags_policy"] == [])
        let storage = wire["storage_policy"]
        #expect(storage?["face_sample_policy"] == ["store_sample": 1, "filters": [:], "ttl": nil])
        #expect(storage?["attribute_policy"] == ["store_attribute": 0, "filters": [:], "ttl": 300])
        #expect(storage?["event_policy"] == ["store_event": 1, "filters": [:], "wait_saving": 1])
        #expect(storage?["notification_policy"] == ["send_notification": 1, "filters": [:]])
        #expect(storage?["face_policy"]?["set_sample_as_avatar"] == 1 && storage?["callbacks"] == [])
        #expect(try Self.read(wire).wire() == wire)
    }

    @Test func whatNobodySaidOfDescriptorsStaysUnsaid() throws {
        let silent = try Self.read([:])
        #expect(silent.wire(describesFaces: false)["extract_policy"]?["extract_face_descriptor"] == 0)
        #expect(silent.features.isEmpty)
        #expect(try HandlerPolicies(JSONReader(silent.stored)) == silent)
        let asked = try Self.read(["extract_policy": ["extract_face_descriptor": 1]])
        #expect(asked.features == [.faceDescriptor])
        #expect(try HandlerPolicies(JSONReader(asked.stored)) == asked)
    }

    @Test func allThatIsSaidComesBack() throws {
        let filters: JSONValue = [
            "gender": 1, "age__gte": 18, "age__lt": 60, "ethnicities": [1, 4], "liveness": [1], "deepfake": [1],
            "match": [["label": "vip", "similarity__gte": 0.9, "similarity__lte": 1.0]],
        ]
        let plain: JSONValue = ["gender": 0]
        let said: JSONValue = [
            "match_policy": [
                [
                    "label": "vip", "limit": 5, "threshold": 0.5, "filters": plain, "targets": ["face_id"],
                    "candidates": ["origin": "faces", "list_id": .string(Self.list.wire)],
                    "descriptor": ["descriptor_type": "face"],
                ],
                [
                    "label": "seen", "limit": 3, "threshold": 0.0, "filters": [:], "targets": ["event_id", "source"],
                    "candidates": [
                        "origin": "events", "create_time__gte": "now-7d", "sources": ["door", nil],
                        "geo_position": ["origin_longitude": 24.1, "origin_latitude": 56.9],
                        "meta": ["user.age__gt": 18, "door.state__in": ["open", "closed"]],
                    ], "descriptor": ["descriptor_type": "body"],
                ],
            ],
            "conditional_tags_policy": [["tag": "known", "filters": filters]],
        ]
        let read = try Self.read(said), wire = read.wire()
        #expect(wire["match_policy"] == said["match_policy"])
        #expect(wire["conditional_tags_policy"] == said["conditional_tags_policy"])
        #expect(read.lists == [Self.list])
        let events = try read.match[1].candidates.events(account: nil, at: Date(timeIntervalSince1970: 1_000_000))
        #expect(
            events.conditions.contains(Condition("begin_time", .atLeast, [.time(Date(timeIntervalSince1970: 395_200))]))
        )
        #expect(events.conditions.contains(Condition("meta", path: ["user", "age"], .above, [.number(18)])))
    }

    @Test func callbacksSayWithWhichEventsTheyAreCalled() throws {
        let callback: JSONValue = [
            "type": "http", "url": "https://example.org/hook", "filters": ["match": [["label": "vip"]]],
        ]
        let read = try Self.read(["storage_policy": ["callbacks": [callback, ["type": "luna-ws-notification"]]]])
        var facts = PolicyFilter.Facts()
        #expect(read.storage.receivers.map { $0.isTold(facts) } == [false, true])
        facts.best["vip"] = 0.4
        #expect(read.storage.receivers.map { $0.isTold(facts) } == [true, true])
        let wire = read.wire()["storage_policy"]?["callbacks"]?.array?.first
        #expect(wire?["enable"] == 1 && wire?["params"]?["timeout"] == 60)
        #expect(wire?["params"]?["content_type"] == "application/json" && wire?["params"]?["headers"] == [:])
    }

    @Test func whatIsNotKnownPassesNoFilterOnIt() throws {
        func passes(_ filter: JSONValue, _ change: (inout PolicyFilter.Facts) -> Void = { _ in }) throws -> Bool {
            var facts = PolicyFilter.Facts()
            change(&facts)
            return try PolicyFilter(JSONReader(filter)).passes(facts)
        }
        #expect(try passes([:]))
        #expect(try !passes(["gender": 1]) && passes(["gender": 1]) { $0.gender = 1 })
        #expect(try !passes(["gender": 1]) { $0.gender = 0 })
        #expect(try passes(["age__gte": 18, "age__lt": 19]) { $0.age = 18 })
        #expect(try !passes(["age__gte": 18, "age__lt": 19]) { $0.age = 19 })
        #expect(try !passes(["ethnicities": [1, 2]]) && passes(["ethnicities": [1, 2]]) { $0.ethnicity = 2 })
        let match: JSONValue = ["match": [["label": "vip", "similarity__gte": 0.9, "similarity__lte": 0.95]]]
        #expect(try !passes(match) && passes(match) { $0.best["vip"] = 0.9 })
        #expect(try !passes(match) { $0.best["vip"] = 0.96 } && !passes(match) { $0.best["other"] = 0.92 })
    }

    @Test func whatAsksForANetworkSaysWhich() throws {
        let read = try Self.read([
            "detect_policy": [
                "estimate_emotions": 1, "estimate_head_pose": 1, "mask_states": [1], "detect_body": 1,
                "body_attributes": ["estimate_upper_body": 1], "face_quality": ["estimate": 1],
            ], "extract_policy": ["extract_basic_attributes": 1],
        ])
        #expect(read.features == [.emotions, .mask, .bodyAttributes, .basicAttributes])
        #expect(try Self.read(["detect_policy": ["estimate_emotions": 1, "detect_face": 0]]).features.isEmpty)
    }

    @Test(
        arguments: [
            ("policies.match_policy", ["match_policy": .array(Array(repeating: [:], count: 31))]),
            ("policies.match_policy.0.candidates", ["match_policy": [["label": "a"]]]),
            (
                "policies.match_policy.0.candidates.sources",
                ["match_policy": [["candidates": ["origin": "faces", "sources": ["a"]]]]]
            ),
            (
                "policies.match_policy.0.filters.match",
                ["match_policy": [["candidates": ["origin": "faces"], "filters": ["match": []]]]]
            ),
            ("policies.detect_policy.multiface_policy", ["detect_policy": ["multiface_policy": 3]]),
            ("policies.detect_policy.estimate_smile", ["detect_policy": ["estimate_smile": 1]]),
            ("policies.detect_policy.yaw_threshold", ["detect_policy": ["yaw_threshold": 181]]),
            (
                "policies.detect_policy.face_quality.checks.glasses.threshold.0",
                ["detect_policy": ["face_quality": ["checks": ["glasses": ["threshold": ["monocle"]]]]]]
            ),
            ("policies.extract_policy.fd_score_threshold", ["extract_policy": ["fd_score_threshold": 2]]),
            ("policies.conditional_tags_policy.0.tag", ["conditional_tags_policy": [["filters": [:]]]]),
            ("policies.storage_policy.face_sample_policy.ttl", ["storage_policy": ["face_sample_policy": ["ttl": 8]]]),
            ("policies.storage_policy.attribute_policy.ttl", ["storage_policy": ["attribute_policy": ["ttl": 86_401]]]),
            (
                "policies.storage_policy.callbacks.0.type",
                ["storage_policy": ["callbacks": [["type": "mqtt", "url": "mqtt://a"]]]]
            ),
            (
                "policies.storage_policy.callbacks.0.url",
                ["storage_policy": ["callbacks": [["type": "http", "url": "a"]]]]
            ),
            ("policies.other", ["other": 1]),
        ] as [(String, JSONValue)])
    func whatIsNotUnderstoodIsRefusedAtItsPlace(path: String, policies: JSONValue) {
        let error = #expect(throws: JSONViolation.self) { try Self.read(policies) }
        #expect(error?.path == path)
    }
}
