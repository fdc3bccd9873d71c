import Analytics
import DoorSupport
import Foundation
import JSON
import Scene
import Testing

@testable import API

/// What the API defines and no model is there for, asked for one by one: the table of docs/api.md.
struct MissingFeatureTests {
    private static let root = TestServer.documentFolder.appending(path: "..").standardizedFileURL

    /// A way to ask for a feature.
    private struct Wish: Hashable, CustomStringConvertible {
        enum Place: Int, CaseIterable { case target, sdk, detector }
        let place: Place
        let name: String
        var description: String { "\(name) of \(place)" }
    }

    /// The names in the table's rows, each with the feature that it stands behind.
    private static func table() throws -> [Wish: String] {
        let text = try String(contentsOf: root.appending(path: "docs/api.md"), encoding: .utf8)
        let section = try #require(text.split(separator: "### What there is no model for", maxSplits: 1).last)
        var wishes: [Wish: String] = [:]
        for line in section.prefix(upTo: try #require(section.range(of: "\n## ")).lowerBound).split(separator: "\n") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast()
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 4, cells[0] != "feature", !cells[0].hasPrefix("-") else { continue }
            for (place, cell) in zip(Wish.Place.allCases, cells.dropFirst()) {
                for match in cell.matches(of: /`([a-z_0-9]+)`/) {
                    wishes[Wish(place: place, name: String(match.output.1))] = cells[0]
                }
            }
        }
        return wishes
    }

    /// All that the contract has of a place.
    private static func contract(_ place: Wish.Place) -> [String] {
        switch place {
        case .target:
            [
                "face_detection", "landmarks5", "head_pose", "ags", "warp_quality", "emotions", "glasses", "eyes",
                "gaze",
                "mouth", "mask", "body_detection", "aggregated_liveness", "aggregated_deepfake",
                "aggregated_face_samples",
                "aggregated_face_thumbnail", "aggregated_face_basic_attributes", "aggregated_face_descriptor",
                "aggregated_body_samples", "aggregated_body_thumbnail", "aggregated_body_attributes",
                "aggregated_body_descriptor", "overview",
            ]
        case .sdk:
            [
                "detect_face", "detect_body", "estimate_people_count", "people_count_coordinates",
                "estimate_landmarks5",
                "estimate_landmarks68", "estimate_head_pose", "estimate_emotions", "estimate_mask", "estimate_glasses",
                "estimate_quality", "estimate_gaze", "estimate_eyes_attributes", "estimate_mouth_attributes",
                "estimate_liveness", "estimate_deepfake", "estimate_face_descriptor", "estimate_basic_attributes",
                "estimate_body_descriptor", "estimate_upper_body", "estimate_lower_body", "estimate_accessories",
                "estimate_body_basic_attributes", "estimate_face_warp", "estimate_body_warp", "aggregate_attributes",
                "use_exif_info", "extract_exif", "pitch_threshold", "roll_threshold", "yaw_threshold",
                "score_threshold",
                "mask_states", "liveness_states", "deepfake_states",
            ]
        case .detector:
            [
                "estimate_head_pose", "estimate_emotions", "estimate_mask", "detect_landmarks68", "extract_exif",
                "estimate_quality", "estimate_gaze", "estimate_eyes_attributes", "estimate_mouth_attributes",
                "pitch_threshold", "roll_threshold", "yaw_threshold", "warped_image", "use_exif_info",
                "estimate_face_quality",
            ]
        }
    }

    private static func ask(_ server: TestServer, for wish: Wish) async throws -> Reply {
        switch wish.place {
        case .target:
            return try await register(on: server, ["targets": [.string(wish.name)], "parameters": human])
        case .sdk, .detector:
            let path = wish.place == .sdk ? "/6/sdk" : "/6/detector"
            let picture = try ImageTests.picture("image/png", size: "250x250")
            return try await PictureTests.send(server, "\(path)?\(wish.name)=1", picture, type: "image/png")
        }
    }
    private static let human: JSONValue = ["tracking": ["detector_type": "human"]]
    private static func register(on server: TestServer, _ parameters: JSONValue) async throws -> Reply {
        try await server.send(
            "POST", "/6/streams",
            [
                "data": ["type": "videofile", "reference": "a.mp4"],
                "analytics": [["analytic_name": "human_tracking", "parameters": parameters]],
            ])
    }
    private static let estimates: FaceEstimateSet = [.emotions, .eyes, .gaze, .mouth, .basicAttributes]
    private static func catalogue(findsFaces: Bool = true) throws -> AnalyticCatalogue {
        try AnalyticCatalogue(
            directory: root.appending(path: "analytics"),
            abilities: Abilities(findsFaces: findsFaces, estimates: findsFaces ? estimates : []))
    }

    @Test func whateverTheContractHasIsThereOrInTheTable() async throws {
        let table = try Self.table()
        let looker = PictureTests.looker(estimators: try Sights.estimators())
        try await withServer(looker: looker, analytics: try Self.catalogue()) { server in
            for place in Wish.Place.allCases {
                for name in Self.contract(place) {
                    let wish = Wish(place: place, name: name), reply = try await Self.ask(server, for: wish)
                    if let feature = table[wish] {
                        try reply.expectError(
                            403, 11055, "Forbidden", "License problem: \(feature) feature disabled")
                    } else {
                        #expect([200, 201].contains(reply.status), "\(wish): \(reply.status)")
                    }
                }
            }
        }
        let contract = Wish.Place.allCases.flatMap { place in
            Self.contract(place).map { Wish(place: place, name: $0) }
        }
        #expect(Set(table.keys).subtracting(contract) == [])
        #expect(Set(table.values).count == 7)
    }

    @Test(arguments: [
        ("sdk", "estimate_emotions", "Emotions"), ("sdk", "estimate_basic_attributes", "Basic attributes"),
        ("sdk", "estimate_landmarks68", "Landmarks68"), ("detector", "detect_landmarks68", "Landmarks68"),
        ("detector", "estimate_gaze", "Gaze"), ("detector", "estimate_eyes_attributes", "Eyes attributes"),
        ("detector", "estimate_mouth_attributes", "Mouth attributes"),
    ])
    func withoutModelsOfFacesWhatTheyEstimateIsRefused(operation: String, flag: String, feature: String) async throws {
        try await withServer(looker: PictureTests.looker()) { server in
            let picture = try ImageTests.picture("image/png")
            try await PictureTests.send(server, "/6/\(operation)?\(flag)=1", picture, type: "image/png").expectError(
                403, 11055, "Forbidden", "License problem: \(feature) feature disabled")
        }
    }

    @Test func peopleAreNotFoundAgainByTheirBodies() async throws {
        try await withServer(analytics: try Self.catalogue()) { server in
            try await Self.register(
                on: server, ["parameters": ["tracking": ["detector_type": "human", "body_reid": 1]]]
            ).expectError(403, 11055, "Forbidden", "License problem: Body descriptor feature disabled")
        }
    }

    @Test func withoutModelsOfFacesWhatNeedsThemIsRefusedSo() async throws {
        try await withServer(analytics: try Self.catalogue(findsFaces: false)) { server in
            for parameters in [
                ["parameters": ["tracking": ["detector_type": "face"]]], ["parameters": Self.human],
                ["targets": ["face_detection"]], ["targets": ["overview", "warp_quality"]],
            ] as [JSONValue] {
                try await Self.register(on: server, parameters).expectError(
                    403, 11055, "Forbidden", "License problem: Face detection feature disabled")
            }
            #expect(try await Self.register(on: server, [:]).status == 201)
        }
    }

    @Test func theFeaturesSayWhatIsNotThere() async throws {
        try await withServer(looker: PictureTests.looker(), analytics: try Self.catalogue()) { server in
            let features = try await server.send("GET", "/6/features").json
            #expect(
                features["estimations"] == [
                    "people_counter": true, "face_quality": true, "body_attributes": false, "liveness": false,
                    "deepfake": false,
                ])
        }
    }
}
