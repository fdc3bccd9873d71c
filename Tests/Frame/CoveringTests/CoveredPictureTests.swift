import Covering
import Foundation
import Frames
import Scene
import Synchronization
import Testing

struct CoveredPictureTests {
    /// White; says by which pixels a snapshot of it was made.
    private final class White: Picture {
        let size = PixelSize(width: 40, height: 20)
        func draw(_ region: PixelRect, to target: PixelTarget) {
            for row in 0..<target.size.height {
                (target.base + row * target.bytesPerRow).update(repeating: 255, count: target.size.width * 3)
            }
        }
        func snapshot(
            _ policy: SnapshotPolicy, of region: PixelRect?, retouched: ((PixelTarget) -> Void)?
        ) -> Snapshot {
            let region = region ?? PixelRect(size)
            let bytes = drawn(PixelSize(width: region.width, height: region.height)) { target in
                draw(region, to: target)
                retouched?(target)
            }
            return Snapshot(mediaType: policy.mediaType, bytes: bytes)
        }
        func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp, of shown: any Picture) throws -> Snapshot {
            var scratch = WarpScratch()
            let bytes = try drawn(PixelSize(width: FaceWarp.side, height: FaceWarp.side)) {
                try warp.draw(shown, to: $0, using: &scratch)
            }
            return Snapshot(mediaType: policy.mediaType, bytes: bytes)
        }
    }
    /// The same as planes.
    private final class WhitePlanes: Picture {
        private let white = White()
        var size: PixelSize { white.size }
        let planarForm: PlanarForm? = PlanarForm(matrix: 1, isFullRange: false)
        func copyPlanes(to target: PlanarTarget) {
            for (plane, value) in [(target.luma, UInt8(235)), (target.chromaU, 128), (target.chromaV, 128)] {
                for row in 0..<plane.size.height {
                    (plane.base + row * plane.bytesPerRow).update(repeating: value, count: plane.size.width)
                }
            }
        }
        func draw(_ region: PixelRect, to target: PixelTarget) { white.draw(region, to: target) }
        func snapshot(
            _ policy: SnapshotPolicy, of region: PixelRect?, retouched: ((PixelTarget) -> Void)?
        ) -> Snapshot { white.snapshot(policy, of: region, retouched: retouched) }
        func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp, of shown: any Picture) throws -> Snapshot {
            try white.snapshot(policy, aligned: warp, of: shown)
        }
    }
    /// The brightness of what is copied of a picture of 40×20.
    private static func luma(_ picture: any Picture) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 40 * 20 + 2 * 20 * 10)
        try bytes.withUnsafeMutableBufferPointer { buffer in
            func plane(_ offset: Int, _ width: Int, _ height: Int) -> PlaneTarget {
                PlaneTarget(
                    base: buffer.baseAddress! + offset, bytesPerRow: width,
                    size: PixelSize(width: width, height: height))
            }
            try picture.copyPlanes(
                to: PlanarTarget(luma: plane(0, 40, 20), chromaU: plane(800, 20, 10), chromaV: plane(1000, 20, 10)))
        }
        return Array(bytes.prefix(800))
    }

    @Test func copiedPlanesAreCovered() throws {
        let frame = Frame(time: Self.frame.time, consumers: [], picture: WhitePlanes())
        let places = [Self.place, BoundingBox(minX: 30, minY: 5, maxX: 36, maxY: 11)]
        let shown = frame.shown(under: Privacy(.faces, by: .mask), hiding: places).picture
        #expect(shown.planarForm == PlanarForm(matrix: 1, isFullRange: false))
        let luma = try Self.luma(shown)
        #expect(luma[10 * 40 + 15] == 16 && luma[8 * 40 + 33] == 16 && luma[0] == 235)
        // Neither a picture that shows nothing nor one that can only be drawn has planes.
        #expect(frame.shown(under: Privacy(.countsOnly), hiding: []).picture.planarForm == nil)
        #expect(Self.frame.shown(under: Privacy(.faces), hiding: places).picture.planarForm == nil)
    }

    private static let place = BoundingBox(minX: 10, minY: 5, maxX: 20, maxY: 15)
    private static let frame = Frame(
        time: FrameTime(index: 3, pts: MediaTime(seconds: 1), wallClock: Date(timeIntervalSince1970: 5)),
        consumers: ConsumerSet(index: 2), picture: White())

    @Test func whatIsDrawnAndWhatIsKeptIsCovered() throws {
        let frame = Self.frame.shown(under: Privacy(.faces, by: .mask), hiding: [Self.place])
        #expect(
            frame.time == Self.frame.time && frame.consumers == Self.frame.consumers && frame.size == Self.frame.size)
        let pixels = try drawn(frame.size) { try frame.picture.draw(PixelRect(frame.size), to: $0) }
        #expect(pixels[(10 * 40 + 15) * 3] == 0 && pixels[0] == 255)
        let kept = try frame.picture.snapshot(SnapshotPolicy()).bytes
        #expect(kept == pixels)
        let part = try frame.picture.snapshot(SnapshotPolicy(), of: PixelRect(x: 12, y: 7, width: 4, height: 4)).bytes
        #expect(part == [UInt8](repeating: 0, count: 48))
    }

    @Test func anAlignedFaceIsCovered() throws {
        let points = [(12, 7), (18, 7), (15, 10), (13, 13), (17, 13)].map { Point(x: $0.0, y: $0.1) }
        let warp = try #require(
            FaceWarp(
                Landmarks5(
                    leftEye: points[0], rightEye: points[1], nose: points[2], leftMouth: points[3],
                    rightMouth: points[4])))
        func shown(_ places: [BoundingBox]) throws -> [UInt8] {
            let frame = Self.frame.shown(under: Privacy(.faces, by: .mask), hiding: places)
            return try frame.picture.snapshot(SnapshotPolicy(), aligned: warp).bytes
        }
        let middle = (FaceWarp.side / 2 * FaceWarp.side + FaceWarp.side / 2) * 3
        #expect(try shown([])[middle] == 255)
        #expect(try shown([Self.place])[middle] == 0)
        #expect(try shown([BoundingBox(minX: 0, minY: 0, maxX: 40, maxY: 20)]).allSatisfy { $0 == 0 })
    }

    @Test func ofCountsOnlyThereIsNoPicture() throws {
        let frame = Self.frame.shown(under: Privacy(.countsOnly), hiding: [])
        #expect(throws: WithheldPicture.Withheld.self) { try frame.picture.snapshot(SnapshotPolicy()) }
        let warp = try #require(FaceWarp(FaceWarp.reference))
        #expect(throws: WithheldPicture.Withheld.self) { try frame.picture.snapshot(SnapshotPolicy(), aligned: warp) }
        #expect(throws: WithheldPicture.Withheld.self) {
            _ = try drawn(frame.size) { try frame.picture.draw(PixelRect(frame.size), to: $0) }
        }
    }

    @Test func withoutPrivacyTheFrameIsAsItWas() {
        #expect(Self.frame.shown(under: nil, hiding: [Self.place]).picture === Self.frame.picture)
    }
}

/// What `body` draws into black pixels.
private func drawn(_ size: PixelSize, _ body: (PixelTarget) throws -> Void) rethrows -> [UInt8] {
    var bytes = [UInt8](repeating: 1, count: size.width * size.height * 3)
    try bytes.withUnsafeMutableBufferPointer {
        try body(PixelTarget(base: $0.baseAddress!, bytesPerRow: size.width * 3, size: size, order: .rgb))
    }
    return bytes
}
