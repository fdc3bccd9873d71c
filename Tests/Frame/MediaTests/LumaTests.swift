import Frames
import Testing

/// Where the samples of a decoded picture's brightness are read, in the layouts that cameras and files have.
struct LumaTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    /// In each of the grid's columns another brightness: 16, 20, … 140.
    private static let steps = "floor(X/10)*4+16"

    @Test(arguments: [
        "yuv420p", "yuvj422p", "yuv444p10le", "yuv420p12le", "gbrp", "bgr0", "gbrp10le",
    ])
    func theSamplesAreThoseInTheMiddlesOfTheCells(format: String) async throws {
        let isRGB = format.contains("b")
        let base = isRGB ? "gbrp" : format.hasPrefix("yuvj") ? "yuvj444p" : "yuv444p"
        let planes = isRGB ? "r=\(Self.steps):g=0:b=0" : "lum=\(Self.steps):cb=128:cr=128"
        try folder.ffmpeg(
            "-f lavfi -i color=c=black:s=320x160:d=0.1:r=10,format=\(base),geq=\(planes)",
            "-c:v ffv1 -pix_fmt \(format) clip.mkv")
        let picture = try #require(try await folder.frames("clip.mkv").first).picture
        let luma = try #require(picture.luma)
        let expected = LumaGrid { column, _ in UInt8(16 + 4 * column) }
        #expect(luma.resembles(expected, within: 1))
        #expect((15...17).contains(luma.darkest) && (139...141).contains(luma.brightest))
    }

    @Test func aPaletteHasNoBrightness() async throws {
        try folder.ffmpeg("-f lavfi -i testsrc2=s=320x240:r=10:d=0.1 -c:v png -pix_fmt pal8 clip.mkv")
        #expect(try #require(try await folder.frames("clip.mkv").first).picture.luma == nil)
    }

    @Test func aPictureOfOneRowAndOneColumnIsReadInside() async throws {
        try folder.ffmpeg("-f lavfi -i color=c=white:s=2x2:r=10:d=0.1 -c:v ffv1 -pix_fmt yuv420p clip.mkv")
        let luma = try #require(try await folder.frames("clip.mkv").first?.picture.luma)
        #expect(luma.contrast == 0 && luma.brightest == 235)
    }
}
