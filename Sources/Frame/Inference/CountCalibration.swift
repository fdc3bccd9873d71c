import Foundation
public import Scene

/// How many people the scores of a model stand for: the `counting` of its card, as `person_detector.calibrate` fits it.
///
/// A score says how well a box will fit as much as whether somebody is there, so a threshold misses whom a network sees faintly, and in
/// crowds most of all. Here each detection has a probability, a logistic function of its score, its height, how much of it lies in a
/// surer one, and how many like it there are; the expected number of people is the sum. Whether there is anybody at all is a function of
/// them, too: many faint ones together say more than the likeliest alone.
public struct CountCalibration: Hashable, Sendable {
    /// Fainter detections are noise. A score, `0...1`.
    public var floor: Float
    /// Of the logistic function; they belong to what `likelihoods` reckons them with.
    public var intercept, score, height, heightSquared, inside, alike: Float
    public var presence: Presence
    /// Of the network, in pixels: what heights were fitted in.
    public var input: PixelSize

    /// Whether a look shows anybody: a logistic function of its likelihoods.
    public struct Presence: Hashable, Sendable {
        /// Unless the look is as likely as this to show anybody, nobody is expected. A probability, `0...1`.
        public var least: Float
        /// Of the logistic function: of its logits of the three greatest likelihoods, and of the logarithm of the sum of all.
        public var intercept, first, second, third, sum: Float
        public init(least: Float, intercept: Float, first: Float, second: Float, third: Float, sum: Float) {
            (self.least, self.intercept, self.sum) = (least, intercept, sum)
            (self.first, self.second, self.third) = (first, second, third)
        }

        /// Keeps the logits of likelihoods, and the logarithm of their sum, finite.
        static let blur: Float = 0.01, nothing: Float = 0.05

        /// How likely a look with these likelihoods shows anybody, `0...1`.
        public func probability(_ likelihoods: [Float]) -> Float {
            var greatest: (Float, Float, Float) = (0, 0, 0)
            for one in likelihoods {
                if one > greatest.0 {
                    greatest = (one, greatest.0, greatest.1)
                } else if one > greatest.1 {
                    (greatest.1, greatest.2) = (one, greatest.1)
                } else if one > greatest.2 {
                    greatest.2 = one
                }
            }
            func logit(_ value: Float) -> Float { log((value + Self.blur) / (1 - value + Self.blur)) }
            let total =
                intercept + first * logit(greatest.0) + second * logit(greatest.1) + third * logit(greatest.2)
                + sum * log(likelihoods.reduce(0, +) + Self.nothing)
            return 1 / (1 + exp(-total))
        }
    }

    public init(
        floor: Float, intercept: Float, score: Float, height: Float, heightSquared: Float, inside: Float,
        alike: Float, presence: Presence, input: PixelSize
    ) {
        (self.floor, self.presence, self.input) = (floor, presence, input)
        (self.intercept, self.score, self.height) = (intercept, score, height)
        (self.heightSquared, self.inside, self.alike) = (heightSquared, inside, alike)
    }

    /// A height of which nothing is added; factor up to which others are as tall; overlap from which they are the same; what is added to
    /// the sum of scores like one's own, so that it has a logarithm.
    static let usualHeight: Float = 60, alikeFactor: Float = 1.65, alikeOverlap: Float = 0.3, lonely: Float = 0.1

    /// What a look stands for whose detections are so likely.
    public func expectation(_ likelihoods: [Float]) -> Expectation {
        Expectation(
            likelihoods: likelihoods, isAnybodyThere: presence.probability(likelihoods) >= presence.least)
    }
    /// What detections stand for; parameters as of `likelihoods`.
    public func expectation(of detections: [Detection], in region: PixelSize) -> Expectation {
        expectation(likelihoods(of: detections, in: region))
    }

    /// How likely each detection is somebody, `0...1`, in their order; 0 below `floor`.
    /// - Parameters:
    ///   - detections: of one look, after suppression of those that are not the surest at their place.
    ///   - region: the size of what was looked at, in pixels of the frame.
    public func likelihoods(of detections: [Detection], in region: PixelSize) -> [Float] {
        let scale = min(
            Float(input.width) / Float(max(1, region.width)), Float(input.height) / Float(max(1, region.height)))
        let heights = detections.map { log(max($0.box.height * scale, 1) / Self.usualHeight) }
        let factor = log(Self.alikeFactor)
        return detections.indices.map { index in
            let own = detections[index]
            guard own.confidence > floor else { return 0 }
            var share: Float = 0, company: Float = 0
            for other in detections.indices where other != index && detections[other].confidence > floor {
                let (box, confidence) = (detections[other].box, detections[other].confidence)
                if confidence > own.confidence { share = max(share, own.box.shareOfSmaller(with: box)) }
                if abs(heights[other] - heights[index]) < factor, own.box.iou(with: box) < Self.alikeOverlap {
                    company += confidence
                }
            }
            let certainty = min(max(own.confidence, 1e-4), 1 - 1e-4)
            let sum =
                intercept + score * log(certainty / (1 - certainty)) + height * heights[index]
                + heightSquared * heights[index] * heights[index] + inside * share + alike * log(Self.lonely + company)
            return 1 / (1 + exp(-sum))
        }
    }
}

extension BoundingBox {
    /// How much of the smaller one of two boxes is common to both, `0...1`.
    fileprivate func shareOfSmaller(with other: BoundingBox) -> Float {
        let smaller = min(area, other.area)
        return smaller > 0 ? intersection(other).area / smaller : 0
    }
}
