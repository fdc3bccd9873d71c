import Foundation
import Testing

@testable import Scene

struct HeadPoseTests {
    /// The five points of the mean head, turned, as a camera sees them that is `distance` millimetres away.
    private static func face(_ pose: HeadPose, distance: Double, pixels: Double = 4) -> Landmarks5 {
        let (yaw, pitch, roll) = (-pose.yaw * .pi / 180, -pose.pitch * .pi / 180, pose.roll * .pi / 180)
        let points = MeanHead.points.map { point -> Point in
            let y = Vector(point.x * cos(yaw) + point.z * sin(yaw), point.y, point.z * cos(yaw) - point.x * sin(yaw))
            let x = Vector(y.x, y.y * cos(pitch) - y.z * sin(pitch), y.y * sin(pitch) + y.z * cos(pitch))
            let z = Vector(x.x * cos(roll) - x.y * sin(roll), x.x * sin(roll) + x.y * cos(roll), x.z)
            let scale = pixels * distance / (distance + z.z)
            return Point(x: Float(300 + z.x * scale), y: Float(200 + z.y * scale))
        }
        return Landmarks5(
            leftEye: points[0], rightEye: points[1], nose: points[2], leftMouth: points[3], rightMouth: points[4])
    }

    /// From afar a head is told as it is; nearer, perspective costs a few degrees.
    @Test(arguments: [(1e9, 0.01), (3000, 1.3), (1500, 2.5)])
    func headsOfKnownPosesAreToldAsTheyAreTurned(distance: Double, most: Double) throws {
        for yaw in stride(from: -45.0, through: 45, by: 15) {
            for pitch in stride(from: -30.0, through: 30, by: 15) {
                for roll in stride(from: -40.0, through: 40, by: 20) {
                    let pose = try #require(
                        HeadPose(Self.face(HeadPose(yaw: yaw, pitch: pitch, roll: roll), distance: distance)))
                    #expect(
                        abs(pose.yaw - yaw) < most && abs(pose.pitch - pitch) < most && abs(pose.roll - roll) < most)
                }
            }
        }
    }

    @Test func whoLooksToTheRightOfThePictureHasHisNoseThere() throws {
        let face = Self.face(HeadPose(yaw: 30, pitch: 0, roll: 0), distance: 2000)
        #expect(face.nose.x > (face.leftEye.x + face.rightEye.x) / 2)
        let up = Self.face(HeadPose(yaw: 0, pitch: 25, roll: 0), distance: 2000)
        let level = Self.face(HeadPose(yaw: 0, pitch: 0, roll: 0), distance: 2000)
        #expect(up.nose.y - up.leftEye.y < level.nose.y - level.leftEye.y)
        let tilted = Self.face(HeadPose(yaw: 0, pitch: 0, roll: 20), distance: 2000)
        #expect(tilted.rightEye.y > tilted.leftEye.y)
    }

    @Test func pointsThatAreNoFaceHaveNoPose() {
        let point = Point(x: 7, y: 7)
        #expect(
            HeadPose(
                Landmarks5(leftEye: point, rightEye: point, nose: point, leftMouth: point, rightMouth: point)) == nil)
        let wild = Point(x: .nan, y: 0)
        #expect(
            HeadPose(Landmarks5(leftEye: wild, rightEye: point, nose: point, leftMouth: point, rightMouth: point))
                == nil)
    }
}
