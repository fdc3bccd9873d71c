import Foundation

/// What is really in a frame, in the rows of the MOTChallenge benchmark.
enum GroundTruth {
    /// Where one person's rays went, while a frame is painted.
    struct Sighting {
        let id: Int
        /// Samples that meet the person, also behind others, and those that the camera sees.
        private(set) var whole = 0
        var seen = 0
        private(set) var left = Int.max, right = Int.min, top = Int.max, bottom = Int.min
        init(id: Int) { self.id = id }

        mutating func addSample(column: Int, row: Int) {
            whole += 1
            (left, right) = (min(left, column), max(right, column))
            (top, bottom) = (min(top, row), max(bottom, row))
        }
    }

    /// `frame,id,x,y,w,h,considered,class,visibility`: frame from 1, pixels, the part of the person inside the picture
    /// whether or not something stands before it. `considered` is 0 for whom no detector is asked to find.
    struct Entry: Sendable {
        /// At least so much of a person's pixels must be in sight, and so many pixels of height, to be considered.
        static let leastVisibility: Float = 0.35
        static let leastHeight = 50

        let row: String

        init?(frame: Int, _ sighting: Sighting, size: (width: Int, height: Int)) {
            guard sighting.whole > 0, sighting.seen > 0 else { return nil }
            let visibility = Float(sighting.seen) / Float(sighting.whole)
            let width = sighting.right - sighting.left + 1, height = sighting.bottom - sighting.top + 1
            // A sliver at the picture's edge shows no person.
            let isWhole = height >= Self.leastHeight && Float(width) > 0.2 * Float(height)
            let isConsidered = isWhole && visibility >= Self.leastVisibility
            row = [
                "\(frame)", "\(sighting.id)", "\(sighting.left)", "\(sighting.top)", "\(width)", "\(height)",
                isConsidered ? "1" : "0", "1", String(format: "%.2f", visibility),
            ].joined(separator: ",")
        }
    }
}
