/// Five points of a face, left and right as whoever looks at the picture sees them.
public struct Landmarks5: Hashable, Sendable {
    /// Centres of the eyes, tip of the nose, corners of the mouth.
    public var leftEye, rightEye, nose, leftMouth, rightMouth: Point
    public init(leftEye: Point, rightEye: Point, nose: Point, leftMouth: Point, rightMouth: Point) {
        (self.leftEye, self.rightEye, self.nose) = (leftEye, rightEye, nose)
        (self.leftMouth, self.rightMouth) = (leftMouth, rightMouth)
    }

    /// In the order of their names.
    public var points: [Point] { [leftEye, rightEye, nose, leftMouth, rightMouth] }

    /// Takes each of them with its number in that order; makes no array.
    public func forEach(_ body: (Int, Point) -> Void) {
        body(0, leftEye)
        body(1, rightEye)
        body(2, nose)
        body(3, leftMouth)
        body(4, rightMouth)
    }

    /// Each of them, moved.
    public func map(_ move: (Point) -> Point) -> Landmarks5 {
        Landmarks5(
            leftEye: move(leftEye), rightEye: move(rightEye), nose: move(nose), leftMouth: move(leftMouth),
            rightMouth: move(rightMouth))
    }
}
