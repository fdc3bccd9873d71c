import Foundation
import Frames
import Scene
import Testing

struct FaceWarpTests {
    /// The reference, turned, scaled and moved.
    private static func face(turned degrees: Double, scale: Double, to middle: Point) -> Landmarks5 {
        let angle = degrees * .pi / 180, side = Float(FaceWarp.side) / 2
        return FaceWarp.reference.map { point in
            let (x, y) = (Double(point.x - side), Double(point.y - side))
            return Point(
                x: middle.x + Float(scale * (x * cos(angle) - y * sin(angle))),
                y: middle.y + Float(scale * (x * sin(angle) + y * cos(angle))))
        }
    }

    @Test(arguments: [(0.0, 1.0), (33, 0.2), (-170, 3.5), (90, 0.05)])
    func whatIsTurnedScaledAndMovedComesBackToItsPlace(degrees: Double, scale: Double) throws {
        let face = Self.face(turned: degrees, scale: scale, to: Point(x: 812, y: 290))
        let warp = try #require(FaceWarp(face))
        for (point, expected) in zip(face.points, FaceWarp.reference.points) {
            let found = warp.pointInWarp(point), back = warp.pointInFrame(expected)
            #expect(abs(found.x - expected.x) < 0.01 && abs(found.y - expected.y) < 0.01)
            #expect(abs(back.x - point.x) < 0.01 && abs(back.y - point.y) < 0.01)
        }
        #expect(abs(warp.scale * scale - 1) < 1e-4)
    }

    /// No other similarity near it brings the points nearer.
    @Test func whatIsNoFaceExactlyIsBroughtAsNearAsCanBe() throws {
        var face = Self.face(turned: 12, scale: 0.8, to: Point(x: 300, y: 200))
        face.nose.x += 11
        face.leftEye.y -= 6
        func error(_ move: (Point) -> Point) -> Double {
            zip(face.points, FaceWarp.reference.points).reduce(0) { sum, pair in
                let found = move(pair.0)
                return sum + pow(Double(found.x - pair.1.x), 2) + pow(Double(found.y - pair.1.y), 2)
            }
        }
        let warp = try #require(FaceWarp(face)), best = error(warp.pointInWarp)
        for (dx, dy, scale, degrees) in [
            (0.5, 0, 1, 0), (-0.5, 0, 1, 0), (0, 0.5, 1, 0), (0, -0.5, 1, 0), (0, 0, 1.01, 0), (0, 0, 0.99, 0),
            (0, 0, 1, 0.5), (0, 0, 1, -0.5),
        ] {
            let angle = degrees * .pi / 180
            let other = error { point in
                let found = warp.pointInWarp(point), (x, y) = (Double(found.x) - 125, Double(found.y) - 125)
                return Point(
                    x: Float(125 + dx + scale * (x * cos(angle) - y * sin(angle))),
                    y: Float(125 + dy + scale * (x * sin(angle) + y * cos(angle))))
            }
            #expect(other > best)
        }
    }

    @Test func pointsOfNoFaceHaveNoWarp() {
        let spot = Point(x: 7, y: 7), wild = Point(x: .nan, y: 0), far = Point(x: .infinity, y: 0)
        for other in [spot, wild, far] {
            let face = Landmarks5(leftEye: other, rightEye: spot, nose: spot, leftMouth: spot, rightMouth: spot)
            #expect(FaceWarp(face) == nil)
        }
    }

    /// A picture whose colours say where they are.
    private static let map = Painted(size: PixelSize(width: 640, height: 360)) { x, y in
        (UInt8(min(x / 2.5, 255)), UInt8(min(y / 1.5, 255)), 77)
    }

    @Test(arguments: [(0.0, 1.0, 320), (20, 0.4, 320), (-35, 0.3, 200), (0, 0.5, 30), (0, 1, 635)])
    func eachPixelIsThatOfItsPlaceInThePicture(degrees: Double, scale: Double, x: Int) throws {
        let warp = try #require(
            FaceWarp(Self.face(turned: degrees, scale: scale, to: Point(x: Float(x), y: 180))))
        var scratch = WarpScratch()
        let pixels = try Pixels { try warp.draw(Self.map, to: $0, using: &scratch) }
        for (column, row) in [(125, 125), (60, 90), (200, 170), (20, 230), (240, 10)] {
            let place = warp.pointInFrame(Point(x: Float(column) + 0.5, y: Float(row) + 0.5))
            let found = pixels[column, row]
            let isInside = (2...638).contains(place.x) && (2...358).contains(place.y)
            let isOutside = place.x < -2 || place.y < -2 || place.x > 642 || place.y > 362
            if isInside {
                #expect(abs(Float(found.red) * 2.5 - place.x) < 6 && abs(Float(found.green) * 1.5 - place.y) < 5)
            }
            if isOutside { #expect(found == (0, 0, 0)) }
        }
    }

    @Test func aFaceBesideThePictureIsBlack() throws {
        let warp = try #require(FaceWarp(Self.face(turned: 0, scale: 0.1, to: Point(x: 900, y: 100))))
        #expect(warp.region(in: Self.map.size) == nil)
        var scratch = WarpScratch()
        let pixels = try Pixels { try warp.draw(Self.map, to: $0, using: &scratch) }
        #expect(pixels.bytes.allSatisfy { $0 == 0 })
    }
}

/// A picture that a function paints.
final class Painted: Picture {
    let size: PixelSize
    private let color: @Sendable (Double, Double) -> (UInt8, UInt8, UInt8)
    init(size: PixelSize, _ color: @escaping @Sendable (_ x: Double, _ y: Double) -> (UInt8, UInt8, UInt8)) {
        (self.size, self.color) = (size, color)
    }
    func draw(_ region: PixelRect, to target: PixelTarget) {
        for row in 0..<target.size.height {
            for column in 0..<target.size.width {
                let x = Double(region.x) + (Double(column) + 0.5) * Double(region.width) / Double(target.size.width)
                let y = Double(region.y) + (Double(row) + 0.5) * Double(region.height) / Double(target.size.height)
                let pixel = target.base + row * target.bytesPerRow + 3 * column
                (pixel[0], pixel[1], pixel[2]) = color(x, y)
            }
        }
    }
    func snapshot(
        _ policy: SnapshotPolicy, of region: PixelRect?, retouched: ((PixelTarget) -> Void)?
    ) -> Snapshot {
        Snapshot(mediaType: policy.mediaType, bytes: [])
    }
    func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp, of shown: any Picture) -> Snapshot {
        Snapshot(mediaType: policy.mediaType, bytes: [])
    }
}

/// The pixels of an aligned face, in red, green and blue.
struct Pixels {
    private static let side = FaceWarp.side
    var bytes = [UInt8](repeating: 99, count: side * side * 3)

    init(_ draw: (PixelTarget) throws -> Void) rethrows { try withTarget(draw) }
    init(_ color: (_ x: Int, _ y: Int) -> (Double, Double, Double)) {
        for y in 0..<Self.side {
            for x in 0..<Self.side {
                let (red, green, blue) = color(x, y), at = (y * Self.side + x) * 3
                (bytes[at], bytes[at + 1], bytes[at + 2]) = (Self.byte(red), Self.byte(green), Self.byte(blue))
            }
        }
    }
    static func byte(_ value: Double) -> UInt8 { UInt8(min(max(value, 0), 255)) }

    mutating func withTarget<R>(_ body: (PixelTarget) throws -> R) rethrows -> R {
        try bytes.withUnsafeMutableBufferPointer { bytes in
            try body(
                PixelTarget(
                    base: bytes.baseAddress!, bytesPerRow: Self.side * 3,
                    size: PixelSize(width: Self.side, height: Self.side), order: .rgb))
        }
    }
    subscript(x: Int, y: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
        let at = (y * Self.side + x) * 3
        return (bytes[at], bytes[at + 1], bytes[at + 2])
    }

    /// Each pixel the mean of those beside it, so many times over, which is nearly what a lens out of focus does.
    func blurred(_ times: Int) -> Pixels {
        func pass(_ from: [UInt8], _ step: Int, _ place: (Int) -> Int) -> [UInt8] {
            var to = from
            for index in from.indices {
                var sum = 0, count = 0
                for offset in -1...1 where (0..<Self.side).contains(place(index) + offset) {
                    sum += Int(from[index + offset * step])
                    count += 1
                }
                to[index] = UInt8((sum + count / 2) / count)
            }
            return to
        }
        var result = self
        for _ in 0..<times {
            result.bytes = pass(result.bytes, 3) { $0 / 3 % Self.side }
            result.bytes = pass(result.bytes, Self.side * 3) { $0 / 3 / Self.side }
        }
        return result
    }
    func darkened(_ factor: Double) -> Pixels {
        var result = self
        result.bytes = bytes.map { Self.byte(Double($0) * factor) }
        return result
    }
}
