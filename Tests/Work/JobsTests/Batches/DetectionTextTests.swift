import JSON
import Scene
import Testing

@testable import Jobs

struct DetectionTextTests {
    @Test func placesAreSharesOfTheWholeAndConfidencesHaveAPoint() {
        let size = PixelSize(width: 2000, height: 1000)
        let people = [
            Detection(box: BoundingBox(minX: 0, minY: 276.25, maxX: 307.8, maxY: 558.75), confidence: 1),
            Detection(box: BoundingBox(minX: -5, minY: 0, maxX: 2010, maxY: 1000), confidence: 0.92666),
        ]
        #expect(
            BatchRunner.text(people, in: size).text
                == #"[{"category":"2","conf":1.0,"bbox":[0.0,0.2762,0.1539,0.2825]},{"category":"2","conf":0.926,"bbox":[0.0,0.0,1.0,1.0]}]"#
        )
        #expect(BatchRunner.text([], in: size).text == "[]")
    }
    @Test(arguments: [(0.98765, 3, 0.987), (0.0012345, 3, 0.00123), (1, 4, 1), (0, 4, 0), (0.1, 3, 0.1), (0.3, 3, 0.3)])
    func numbersAreCutOff(value: Double, digits: Int, expected: Double) {
        #expect(BatchRunner.truncated(value, to: digits) == expected)
    }
}
