import Foundation
import Inference
import Scene
import Testing

/// How likely detections are somebody.
struct CountCalibrationTests {
    private static func calibration(
        intercept: Float = 0, score: Float = 1, height: Float = 0, heightSquared: Float = 0, inside: Float = 0,
        alike: Float = 0
    ) -> CountCalibration {
        CountCalibration(
            floor: 0.1, intercept: intercept, score: score, height: height, heightSquared: heightSquared,
            inside: inside, alike: alike, presence: presence, input: PixelSize(width: 640, height: 384))
    }
    /// Each likelihood tells by its order, and their sum.
    private static let presence = CountCalibration.Presence(
        least: 0.5, intercept: -4, first: 1, second: 0.5, third: 0.25, sum: 2)
    private static func person(x: Float = 100, height: Float = 60, _ score: Float) -> Detection {
        Detection(box: BoundingBox(minX: x, minY: 100, maxX: x + height / 3, maxY: 100 + height), confidence: score)
    }
    private static let size = PixelSize(width: 640, height: 384)

    @Test func aloneItIsAFunctionOfTheScore() {
        let likelihoods = Self.calibration().likelihoods(of: [Self.person(0.3)], in: Self.size)
        #expect(abs(likelihoods[0] - 0.3) < 1e-5)
        let raised = Self.calibration(intercept: 1, score: 2).likelihoods(of: [Self.person(0.5)], in: Self.size)
        #expect(abs(raised[0] - 0.7311) < 1e-4, "1 / (1 + e^-1)")
    }

    @Test func whatIsFainterThanTheFloorIsNobodyAndNobodysCompany() {
        let calibration = Self.calibration(alike: 1)
        let alone = calibration.likelihoods(of: [Self.person(0.3)], in: Self.size)
        #expect(
            calibration.likelihoods(of: [Self.person(0.3), Self.person(x: 300, 0.1)], in: Self.size) == alone + [0])
    }

    /// 60 pixels of the network's input are usual, which frames twice as large have 120 of.
    @Test(arguments: [(60, 640, 384, Float(0)), (120, 1280, 768, 0), (120, 640, 384, 0.6931), (120, 640, 768, 0)])
    func heightsAreThoseOfTheInput(height: Int, width: Int, of: Int, logarithm: Float) {
        let calibration = Self.calibration(score: 0, height: 1)
        let found = calibration.likelihoods(
            of: [Self.person(height: Float(height), 0.3)], in: PixelSize(width: width, height: of))
        #expect(abs(found[0] - 1 / (1 + 1 / expOf(logarithm))) < 1e-3)
    }
    private func expOf(_ x: Float) -> Float { x == 0 ? 1 : 2 }

    @Test func aPartOfASurerOneIsKnownAsSuch() {
        let calibration = Self.calibration(score: 0, inside: -2)
        let whole = Self.person(0.8)
        let head = Detection(box: BoundingBox(minX: 100, minY: 100, maxX: 120, maxY: 120), confidence: 0.4)
        let found = calibration.likelihoods(of: [whole, head], in: Self.size)
        #expect(found[0] == 0.5, "it lies in none that is surer")
        #expect(abs(found[1] - 0.1192) < 1e-3, "all of it lies in the other: 1 / (1 + e^2)")
    }

    @Test func othersAsTallAreCompanyAndThoseAtTheSamePlaceAreNot() {
        let calibration = Self.calibration(score: 0, alike: 1)
        func company(_ others: Detection...) -> Float {
            calibration.likelihoods(of: [Self.person(0.5)] + others, in: Self.size)[0]
        }
        let alone = company()
        #expect(abs(alone - 0.0909) < 1e-3, "0.1 to 1")
        #expect(abs(company(Self.person(x: 300, 0.4)) - 1 / 3) < 1e-3, "0.5 to 1")
        #expect(company(Self.person(x: 105, 0.4)) == alone, "the same person")
        #expect(company(Self.person(x: 300, height: 120, 0.4)) == alone, "twice as tall")
    }

    @Test func manyFaintOnesTogetherSayThatSomebodyIsThere() {
        func logit(_ p: Float) -> Float { Float(log(Double((p + 0.01) / (1.01 - p)))) }
        let (sum, nothing) = (Float(log(1.35 + 0.05)), logit(0))
        let exact = 1 / (1 + Float(exp(Double(4 - logit(0.6) - 0.5 * logit(0.5) - 0.25 * logit(0.25) - 2 * sum))))
        #expect(abs(Self.presence.probability([0.25, 0.6, 0, 0.5]) - exact) < 1e-5, "whatever their order")
        let none = 1 / (1 + Float(exp(Double(4 - 1.75 * nothing - 2 * Float(log(0.05))))))
        #expect(abs(Self.presence.probability([]) - none) < 1e-5)

        let calibration = Self.calibration()
        #expect(!calibration.expectation([0.6]).isAnybodyThere)
        let many = [Float](repeating: 0.6, count: 9)
        #expect(calibration.expectation(many) == Expectation(likelihoods: many, isAnybodyThere: true))
    }
}
