import DecodeWorker
import Foundation
import Frames
import Inference
import Media
import ProcessSupport
import Scene
import WorkerSupport

/// A folder that is gone with this object.
final class PatternFolder: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(path: "sightline-privacy-\(UUID().uuidString)")
    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }

    @discardableResult func ffmpeg(_ arguments: [String]) throws -> [UInt8] {
        [UInt8](try ChildProcess.output(of: ["ffmpeg", "-v", "error", "-nostdin", "-y"] + arguments, in: url))
    }
    /// Packed RGB; `nil` for what is no picture.
    func pixels(of picture: Data) throws -> [UInt8]? {
        try picture.write(to: url.appending(path: "picture"))
        return try? ffmpeg(["-i", "picture", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
    }
}

/// A clip of two seconds in which the pattern walks to the right, four pixels a frame.
struct Patterned {
    static let place = (x: 40, y: 60), step = 4
    let name = "walk.mp4"
    private let folder: PatternFolder

    init(size: (width: Int, height: Int)) throws {
        folder = try PatternFolder()
        let square = "mod(floor(X/4)+floor(Y/4),2)"
        let pattern =
            "nullsrc=s=\(size.width)x\(size.height):r=10:d=2,format=gbrp,"
            + "geq=r='255*\(square)':g='255*(1-\(square))':b='255*\(square)'"
        try folder.ffmpeg([
            "-f", "lavfi", "-i", "color=gray:s=320x240:r=10:d=2", "-f", "lavfi", "-i", pattern, "-filter_complex",
            "[0][1]overlay=x='\(Self.place.x)+\(Self.step)*n':y=\(Self.place.y):format=yuv444,format=yuv420p",
            "-c:v", "libx264", "-crf", "4", name,
        ])
    }

    var opener: SourceOpener {
        var configuration = MediaConfiguration()
        configuration.mediaRoots = [folder.url]
        return TestWorkers.opener(configuration)
    }

    /// Of the body that carries it.
    static func body(in frame: Int, showsHeads: Bool) -> BoundingBox {
        let x = Float(place.x + step * frame), y = Float(place.y)
        // A head stands in the middle of its body's upper edge.
        return showsHeads
            ? BoundingBox(minX: x - 10, minY: y - 2, maxX: x + 30, maxY: y + 120)
            : BoundingBox(minX: x, minY: y, maxX: x + 40, maxY: y + 120)
    }
    /// Upright, so that it is aligned as it is.
    static func face(in frame: Int) -> Detection {
        let x = Float(place.x + step * frame), y = Float(place.y)
        let landmarks = FaceWarp.reference.map { Point(x: x + ($0.x - 62) * 0.16, y: y + ($0.y - 62) * 0.16) }
        return Detection(
            box: BoundingBox(minX: x, minY: y, maxX: x + 20, maxY: y + 24), confidence: 0.9, landmarks: landmarks)
    }
}

/// Models that know the clip.
struct PatternShelf: ModelShelf {
    private struct Finder: ObjectFinder {
        let isInParts: Bool
        let found: @Sendable (Int) -> Detection?
        func find(in frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Detection] {
            guard !isInParts || region != PixelRect(frame.size) else { return [] }
            return [found(frame.time.index)].compactMap(\.self)
        }
    }
    private let bodies, faces: LoadedModel

    /// - Parameters:
    ///   - showsHeads: whether the pattern is a head; it is turned away in every other frame.
    ///   - isInParts: whether the clip is nobody to them where they look at the whole of a frame.
    init(showsHeads: Bool, isInParts: Bool) {
        func model(_ found: @escaping @Sendable (Int) -> Detection?) -> LoadedModel {
            LoadedModel(
                finder: Finder(isInParts: isInParts, found: found),
                thresholds: ModelCard.Thresholds(confidence: 0.5, candidate: 0.25, nmsIoU: 0.6))
        }
        bodies = model { Detection(box: Patterned.body(in: $0, showsHeads: showsHeads), confidence: 0.9) }
        faces = model { $0 % 2 == 0 ? Patterned.face(in: $0) : nil }
    }
    func model(_ choice: ModelChoice) -> LoadedModel { choice == .faces ? faces : bodies }
}
