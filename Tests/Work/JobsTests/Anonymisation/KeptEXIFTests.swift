import Foundation
import Scene
import Testing

@testable import Jobs

struct KeptEXIFTests {
    private static func digits(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    private static func entry(_ tag: Int, _ kind: Int, _ count: Int, _ value: Int) -> [UInt8] {
        digits(tag, 2) + digits(kind, 2) + digits(count, 4) + digits(value, 4)
    }
    /// A camera's name, an orientation, a directory with a size and a maker's note, and a thumbnail behind.
    private static let block: [UInt8] =
        Array("II*\0".utf8) + digits(8, 4)  // first directory
        + digits(3, 2) + entry(0x010f, 2, 6, 50) + entry(0x0112, 3, 1, 6) + entry(0x8769, 4, 1, 56)
        + digits(100, 4)  // the next one: of the thumbnail
        + Array("ACME1\0".utf8)  // at 50
        + digits(2, 2) + entry(0x927c, 7, 4, 0x5652_4553) + entry(0xa002, 4, 1, 4000) + digits(0, 4) + [
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ]
        + digits(0, 2) + Array("THUMBNAIL".utf8)

    @Test func whatMayShowThePictureGoesAndTheRestStays() throws {
        let kept = try #require(KeptEXIF.block(Self.block, size: PixelSize(width: 300, height: 400)))
        let text = String(decoding: kept, as: UTF8.self)
        #expect(text.contains("ACME1") && !text.contains("THUMBNAIL") && !text.contains("SERV"))
        func has(_ entry: [UInt8]) -> Bool { Data(kept).firstRange(of: Data(entry)) != nil }
        #expect(has(Self.entry(0x0112, 3, 1, 1)))
        #expect(has(Self.entry(0xa002, 4, 1, 300)))
        #expect(!has([0x7c, 0x92]))
    }

    @Test func aPictureThatIsCutOffAnywhereHasNoEXIF() {
        for count in 0..<Self.block.count {
            _ = KeptEXIF.block(Self.block.prefix(count), size: PixelSize(width: 1, height: 1))
        }
        var loop = Self.block
        loop.replaceSubrange(42..<46, with: Self.digits(8, 4))  // a directory below that is its own parent
        _ = KeptEXIF.block(loop, size: PixelSize(width: 1, height: 1))
    }

    /// Twice 256 directories that point to one with 256 values, each of which points to the same 2,048 bytes: 34 GB if all were written.
    @Test func whatPointsToItselfOverAndOverIsWrittenOnce() {
        let (middle, last) = (8 + 2 + 256 * 12 + 4, 8 + 2 * (2 + 256 * 12 + 4))
        func directory(_ entry: [UInt8]) -> [UInt8] {
            Self.digits(256, 2) + Array(repeatElement(entry, count: 256).joined()) + Self.digits(0, 4)
        }
        func block(values: Int) -> [UInt8] {
            Array("II*\0".utf8) + Self.digits(8, 4) + directory(Self.entry(0x8769, 4, 1, middle))
                + directory(Self.entry(0x8769, 4, 1, last))
                + directory(Self.entry(0x010f, 2, values, last + 2 + 256 * 12 + 4))
                + [UInt8](repeating: 65, count: 2048)
        }
        let size = PixelSize(width: 1, height: 1)
        #expect(KeptEXIF.block(block(values: 2048), size: size) == nil, "524 kB are no EXIF")
        #expect((KeptEXIF.block(block(values: 8), size: size)?.count ?? .max) < 20_000)
    }

    @Test(arguments: [(0.0, 0.0), (0.25, 0.3), (0.5, 0.6), (0.75, 0.8), (1, 1)])
    func thresholdsAreStraightThroughTheModelsOwn(threshold: Double, confidence: Float) {
        #expect(abs(CoverWishes.confidence(threshold, sureFrom: 0.6) - confidence) < 1e-5)
    }
}
