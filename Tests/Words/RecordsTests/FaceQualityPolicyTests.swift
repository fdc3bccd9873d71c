import JSON
import Scene
import Testing

@testable import Records

/// `face_quality` of a policy, and how portraits fare by it.
struct FaceQualityPolicyTests {
    private static func policy(_ body: JSONValue) throws -> FaceQualityPolicy {
        try FaceQualityPolicy(JSONReader(body))
    }

    @Test func allThatNobodySaysIsAsTheContractHasIt() throws {
        let policy = try Self.policy([:])
        #expect(policy == FaceQualityPolicy() && policy.made.isEmpty && policy.wanted.isEmpty)
        let checks = try #require(policy.wire["checks"]?.object)
        #expect(checks.count == 44 && PortraitCheck.ofISO.count == 32)
        #expect(checks["eye_distance"] == ["estimate": 1, "threshold": ["min": 90.0, "max": nil]])
        #expect(checks["image_format"]?["threshold"] == ["JPEG", "JPEG2000", "PNG"])
        #expect(checks["natural_light"]?["threshold"] == 1 && checks["red_eyes"]?["threshold"] == 0)
        #expect(policy.wire["estimate"] == 0 && policy.wire["filter"] == 0)
    }

    @Test func whatIsToldReadsAsTheSame() throws {
        let policy = try Self.policy([
            "estimate": 1,
            "checks": [
                "glasses": ["estimate": 0, "threshold": ["no_glasses"]], "red_eyes": ["threshold": 1],
                "face_width": ["threshold": ["min": 60, "max": nil]], "head_yaw": ["threshold": ["max": 30]],
            ],
        ])
        #expect(try Self.policy(policy.wire) == policy)
        #expect(policy.checks[.headYaw]?.threshold == .range(minimum: -5, maximum: 30))
        #expect(policy.made.count == 43 && !policy.made.contains(.glasses))
        #expect(policy.wanted == [.headPose, .quality, .gaze, .mouth, .eyes])
    }

    @Test(
        arguments: [
            (["estimate": 2], "estimate", "Input should be 0 or 1"),
            (["checks": ["beard": [:]]], "checks.beard", "Extra inputs are not permitted"),
            (
                ["checks": ["glasses": ["threshold": ["monocle"]]]], "checks.glasses.threshold.0",
                "Input should be 'no_glasses', 'eyeglasses' or 'sunglasses'"
            ),
            (
                ["checks": ["head_yaw": ["threshold": ["min": 10]]]], "checks.head_yaw.threshold",
                "Input should have no 'max' below its 'min'"
            ),
            (
                ["checks": ["dark_quality": ["threshold": ["max": 2]]]], "checks.dark_quality.threshold.max",
                "Input should be less than or equal to 1"
            ),
            (
                ["checks": ["dark_quality": ["threshold": ["max": nil]]]], "checks.dark_quality.threshold.max",
                "Input should be a valid number"
            ),
            (["checks": ["red_eyes": ["threshold": true]]], "checks.red_eyes.threshold", "Input should be 0 or 1"),
        ] as [(JSONValue, String, String)])
    func mistakesAreToldWhereTheyAre(body: JSONValue, path: String, message: String) {
        #expect(throws: JSONViolation(path: path, message: message)) { try Self.policy(body) }
    }

    @Test func facesAreNotFilteredByWhatNobodyCanFind() throws {
        let violation = #expect(throws: JSONViolation.self) {
            try Self.policy(["estimate": 1, "filter": 1, "checks": ["glasses": ["estimate": 0]]])
        }
        let lack = try #require(violation?.lack)
        #expect(lack.hasPrefix("Face quality (mouth_occluded, eyebrows_state, ") && !lack.contains("glasses"))
        var checks: [String: JSONValue] = [:]
        for check in PortraitCheck.missing { checks[check.rawValue] = ["estimate": 0] }
        #expect(try Self.policy(["estimate": 1, "filter": 1, "checks": .object(checks)]).made.count == 33)
        // Nothing is judged, so nothing is lacking.
        #expect(try Self.policy(["filter": 1]).filters)
    }

    // MARK: Judging

    private static func passes(
        _ check: PortraitCheck, _ value: PortraitValue?, _ threshold: JSONValue? = nil
    ) throws -> Bool {
        let own: JSONValue = .object(threshold.map { ["threshold": $0] } ?? [:])
        let policy = try policy(["estimate": 1, "checks": [check.rawValue: own]])
        var facts = PortraitFacts()
        facts[check] = value
        return try #require(policy.judge(facts).outcomes.first { $0.check == check }).passes
    }

    @Test(arguments: [
        (PortraitCheck.blurriness, 0.61, false), (.blurriness, 0.6101, true), (.blurriness, 1, true),
        (.headYaw, 5, true), (.headYaw, -5, true), (.headYaw, 5.01, false), (.gazeYaw, 5, false),
        (.gazeYaw, 4.99, true), (.mouthOpen, 0.5, true), (.mouthOpen, 0, true), (.mouthOpen, 0.51, false),
        (.headWidth, 0.5, false), (.headWidth, 0.75, false), (.headWidth, 0.6, true), (.eyeDistance, 90, true),
        (.eyeDistance, 4000, true), (.eyeDistance, 89, false), (.imageSize, 2_097_152, true),
        (.imageSize, 2_097_153, false), (.aspectRatio, 0.74, true), (.naturalLight, 1, true), (.redEyes, 1, false),
    ])
    func boundsAreInOrOutAsTheContractHasThem(check: PortraitCheck, value: Double, expected: Bool) throws {
        #expect(try Self.passes(check, .number(value)) == expected)
    }

    @Test func aBoundWithinAScaleKeepsOutWhatIsEqualToIt() throws {
        #expect(try !Self.passes(.mouthOpen, .number(0.2), ["min": 0.2]))
        #expect(try !Self.passes(.dark, .number(0.9), ["max": 0.9]))
        #expect(try Self.passes(.faceColor, .word("color")) && !Self.passes(.faceColor, .word("grayscale")))
    }

    @Test func whatCouldNotBeFoundIsToldAndDoesNotPass() throws {
        let policy = FaceQualityPolicy(isEstimated: true, of: [.glasses, .imageFormat])
        var facts = PortraitFacts()
        facts[.imageFormat] = .word("PNG")
        let verdict = policy.judge(facts)
        #expect(!verdict.passes && verdict.failed.map(\.check) == [.glasses])
        #expect(
            verdict.wire == [
                "status": 0,
                "checks": [
                    [
                        "name": "image_format", "object_value": "PNG", "threshold_value": ["JPEG", "JPEG2000", "PNG"],
                        "result": 1,
                    ],
                    [
                        "name": "glasses", "object_value": nil, "threshold_value": ["no_glasses", "eyeglasses"],
                        "result": 0,
                    ],
                ],
            ])
        #expect(verdict.failed[0].reason["filter_name"] == "glasses")
        #expect(FaceQualityPolicy(isEstimated: true, of: [.imageFormat]).judge(facts).wire["status"] == 1)
    }
}
