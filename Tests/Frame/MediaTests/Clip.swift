import DecodeWorker
import Foundation
import Frames
import Media
import ProcessSupport
import Records
import Scene
import Testing
import WorkerSupport

/// A folder that is deleted with this object.
final class TemporaryFolder: Sendable {
    let url: URL
    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "sightline-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(at: url) }
    func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

    /// Runs the command `ffmpeg` in the folder.
    func ffmpeg(_ arguments: String...) throws {
        let words = arguments.flatMap { $0.split(separator: " ").map(String.init) }
        try ChildProcess.output(of: ["ffmpeg", "-v", "error", "-nostdin", "-y"] + words, in: url)
    }

    /// What the command `ffmpeg` itself makes of frame `index` of a clip: packed BGR rows.
    func reference(_ name: String, frame index: Int = 0, filter: String = "null", options: String = "") throws
        -> [UInt8]
    {
        let output = "reference-\(UUID().uuidString).raw"
        try ffmpeg(
            options, "-i \(name) -vf select=eq(n\\,\(index)),\(filter) -frames:v 1 -fps_mode passthrough",
            "-pix_fmt bgr24 -f rawvideo \(output)")
        return try Array(Data(contentsOf: url.appending(path: output)))
    }

    /// Read by a worker.
    func sound(_ name: String) throws -> (any SoundSource)? { try opener.sounds.open(path(name)) }

    var opener: SourceOpener {
        var configuration = MediaConfiguration()
        configuration.mediaRoots = [url]
        configuration.downloadFolder = url.appending(path: "downloads")
        // A machine may be busy with all other tests.
        configuration.openDeadline = .seconds(60)
        return TestWorkers.opener(configuration)
    }

    func open(_ name: String, rates: [Rate] = [.frames(1)], change: (inout SourceSpecification) -> Void = { _ in })
        async throws
        -> any FrameSource
    {
        var request = SourceSpecification(kind: .file, reference: name)
        change(&request)
        return try await opener.open(request, rates: rates)
    }
    /// All frames of a clip.
    func frames(_ name: String, rates: [Rate] = [.frames(1)], change: (inout SourceSpecification) -> Void = { _ in })
        async throws -> [Frame]
    {
        try await open(name, rates: rates, change: change).rest()
    }
}

extension FrameSource {
    /// All frames to the end. They keep the decoder's pictures, so only for short clips.
    func rest() async throws -> [Frame] {
        var frames: [Frame] = []
        while let frame = try await next() { frames.append(frame) }
        return frames
    }
}

extension Frame {
    /// `region` (all, unless told) as packed rows of `target` (the region's size, unless told).
    func drawn(_ region: PixelRect? = nil, at target: PixelSize? = nil, order: PixelTarget.Order = .bgr) throws
        -> [UInt8]
    {
        let region = region ?? PixelRect(size)
        let target = target ?? PixelSize(width: region.width, height: region.height)
        var bytes = [UInt8](repeating: 0, count: target.width * target.height * 3)
        try bytes.withUnsafeMutableBufferPointer { buffer in
            let pixels = PixelTarget(
                base: buffer.baseAddress!, bytesPerRow: target.width * 3, size: target, order: order)
            try picture.draw(region, to: pixels)
        }
        return bytes
    }
}

/// How far two pictures are apart: mean and largest absolute difference of samples.
func difference(_ a: [UInt8], _ b: [UInt8]) -> (mean: Double, largest: Int) {
    guard a.count == b.count, !a.isEmpty else { return (.infinity, .max) }
    var sum = 0, largest = 0
    for index in a.indices {
        let distance = abs(Int(a[index]) - Int(b[index]))
        sum += distance
        largest = max(largest, distance)
    }
    return (Double(sum) / Double(a.count), largest)
}
