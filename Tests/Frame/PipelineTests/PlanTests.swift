import Analytics
import Inference
import Records
import Scene
import TestSupport
import Testing
import Tracking

@testable import Pipeline

struct PlanTests {
    /// An analytic that needs what the test says and finds nothing.
    private struct Need: Analytic {
        var requirements: AnalyticRequirements
        func observe(_ observation: Observation) -> [EventUpdate] { [] }
        var decisions: [any Decision] { [] }
        func finish() -> [EventUpdate] { [] }
    }
    private static let models = Models(ScriptedFinder(walkerIn: 0..<1), fast: ScriptedFinder(walkerIn: 0..<1))
    private static let corner = RegionOfInterest.pixels(PixelRect(x: 0, y: 0, width: 320, height: 180))

    private static func plan(_ needs: [AnalyticRequirements], tracker: TrackerSettings = TrackerSettings()) -> Plan {
        var plan = Plan(tracker: tracker)
        for need in needs {
            plan.add(
                PreparedAnalytic(Need(requirements: need)), name: "need", resultName: "crowd",
                model: models.named(need.model))
        }
        return plan
    }
    private static func need(
        _ rate: Rate = .frames(1), roi: RegionOfInterest? = nil, probeCount: Int? = 3, model: DetectorModel? = nil,
        confidence: Float? = nil
    ) -> AnalyticRequirements {
        AnalyticRequirements(
            rate: rate, roi: roi, tracking: probeCount.map(TrackingRequirement.init(probeCount:)),
            model: .people(model), confidence: confidence)
    }

    @Test func equalNeedsShareOneLookAndOneTracker() {
        let plan = Self.plan([Self.need(), Self.need(), Self.need(model: .accurate)])
        #expect(plan.looks.count == 1 && plan.followings.count == 1)
        #expect(plan.consumers.map(\.look) == [0, 0, 0])
        #expect(plan.consumers.map(\.following) == [0, 0, 0])
    }

    @Test(arguments: [
        (need(.frames(2)), 1),  // other frames: the same look, a tracker of its own
        (need(.seconds(1)), 1),
        (need(.frames(3), roi: corner), 2),
        (need(.frames(3), model: .fast), 2),
        (need(.frames(3), confidence: 0.3), 2),
    ])
    func whateverDiffersHasATrackerOfItsOwn(other: AnalyticRequirements, looks: Int) {
        let plan = Self.plan([Self.need(.frames(3)), other])
        #expect(plan.looks.count == looks)
        #expect(plan.consumers.map(\.following) == [0, 1])
        #expect(plan.rates == [.frames(3), other.rate])
    }

    @Test(
        arguments: [
            ([.frames(10), .frames(1)], [0, 0]),
            ([.frames(1), .seconds(0.5), .frames(10)], [0, 0, 0]),
            ([.frames(6), .frames(2), .frames(3)], [0, 0, 1]),
            ([.frames(6), .frames(2), .frames(3), .seconds(0)], [0, 0, 0, 0]),
            ([.seconds(0.5), .seconds(1), .seconds(0.5)], [0, 1, 0]),
        ] as [([Rate], [Int])])
    func whoTakesSomeOfTheFramesOfAnotherSharesItsTracker(rates: [Rate], followings: [Int]) {
        let plan = Self.plan(rates.map { Self.need($0) })
        #expect(plan.consumers.map(\.following) == followings)
        #expect(plan.followings.count == Set(followings).count && plan.looks.count == 1)
    }

    @Test func whoNeedsDetectionsAloneHasNoTracker() {
        let plan = Self.plan([Self.need(probeCount: nil), Self.need()])
        #expect(plan.looks.count == 1)
        #expect(plan.consumers.map(\.following) == [nil, 0])
    }

    @Test(arguments: [
        need(probeCount: 9),
        need(.seconds(0)),
        need(roi: .percent(x: 0, y: 0, width: 100, height: 100)),
    ])
    func theSameNeedInOtherWordsSharesTheTracker(other: AnalyticRequirements) {
        let plan = Self.plan([Self.need(), other])
        #expect(plan.looks.count == 1 && plan.followings.count == 1)
        #expect(plan.consumers.map(\.following) == [0, 0])
    }

    @Test func theSharedTrackerConfirmsForTheLeastPatientAndEachWaitsForItsOwn() {
        let plan = Self.plan([Self.need(probeCount: 4), Self.need(probeCount: 0), Self.need(probeCount: 2)])
        #expect(plan.followings.map(\.configuration.probeCount) == [1])
        #expect(plan.consumers.map(\.probeCount) == [4, 1, 2])
    }

    @Test func regionsThatComeToTheSamePixelsShareAView() throws {
        let whole = RegionOfInterest.pixels(PixelRect(x: 0, y: 0, width: 640, height: 360))
        let plan = Self.plan([Self.need(), Self.need(roi: whole), Self.need(roi: Self.corner)])
        #expect(plan.looks.count == 3)
        let views = FrameViews(plan, in: PixelSize(width: 640, height: 360))
        #expect((0..<3).map { views[$0] } == [0, 0, 1])
        #expect(FrameViews(plan, in: PixelSize(width: 100, height: 100))[2] == nil)
    }

    @Test func otherConfidencesShareAViewAndMoveTheTrackers() {
        let plan = Self.plan([Self.need(), Self.need(confidence: 0.25), Self.need(confidence: 0.75)])
        let views = FrameViews(plan, in: PixelSize(width: 640, height: 360))
        #expect((0..<3).map { views[$0] } == [0, 0, 0] && views.distinct == [0, 1, 2])
        // The model's own is 0.5; it has no births of its own, and those of the tracker are 0.36.
        let births = plan.followings.map(\.configuration.birthConfidence)
        #expect(births.count == 3 && births[0] == 0.36)
        #expect(abs(births[1] - 0.18) < 1e-6 && abs(births[2] - 0.54) < 1e-6)
    }

    @Test func confidencesComeFromTheCardUnlessTheOperatorSetThem() {
        var settings = TrackerSettings()
        settings.configuration.birthConfidence = 0.77
        settings.configuration.patience = .seconds(9)
        settings.given = [.birth]
        let thresholds = ModelCard.Thresholds(
            confidence: 0.4, candidate: 0.2, nmsIoU: 0.6, birth: 0.5, high: 0.31, still: 0.6)
        let configuration = settings.configuration(for: thresholds)
        #expect(configuration.birthConfidence == 0.77)
        #expect(configuration.highConfidence == 0.31)
        #expect(configuration.lowConfidence == TrackerConfiguration().lowConfidence)
        #expect(configuration.stillConfidence == 0.6)
        #expect(configuration.patience == .seconds(9))
    }
}
