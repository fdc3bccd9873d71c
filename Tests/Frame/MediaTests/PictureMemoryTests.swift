import DecodeWorker
import Foundation
import Frames
import Media
import Records
import Scene
import Testing
import WorkerSupport

/// The memory of decoded pictures.
struct PictureMemoryTests {
    private static let pictureBytes = 160 * 120 * 3 / 2

    /// Opens a clip whose decoder refers to sixteen pictures.
    private static func clip(_ folder: borrowing TemporaryFolder, limit: Int) async throws -> any FrameSource {
        try folder.ffmpeg("-f lavfi -i testsrc2=s=160x120:r=25:d=2 -c:v libx264 -refs 16 -bf 3 clip.mp4")
        var configuration = MediaConfiguration()
        (configuration.mediaRoots, configuration.maximumPictureMemory) = ([folder.url], limit)
        return try await TestWorkers.opener(configuration).open(
            SourceSpecification(kind: .file, reference: "clip.mp4"), rates: [.frames(1)])
    }

    @Test func aSourceWhosePicturesNeedTooMuchEndsWithAReason() async throws {
        let folder = try TemporaryFolder()
        let source = try await Self.clip(folder, limit: 7 * Self.pictureBytes)
        let error = await #expect(throws: MediaError.self) { while let _ = try await source.next() {} }
        guard case .tooMuchMemory(let found, 7 * Self.pictureBytes)? = error else {
            Issue.record("ended with \(error.map { "\($0)" } ?? "nothing")")
            return
        }
        #expect(found > 7 * Self.pictureBytes && error?.isTransient == false)
        #expect(source.statistics.pictureBytes <= 7 * Self.pictureBytes)
    }

    @Test func aSourceThatStaysWithinItsBudgetIsRead() async throws {
        let folder = try TemporaryFolder()
        let source = try await Self.clip(folder, limit: 40 * Self.pictureBytes)
        var count = 0, most = 0
        while let _ = try await source.next() {
            count += 1
            most = max(most, source.statistics.pictureBytes)
        }
        #expect(count == 50)
        #expect(most > 15 * Self.pictureBytes, "the decoder refers to sixteen")
    }

    @Test func whatPicturesTakeIsGivenBack() async throws {
        let folder = try TemporaryFolder()
        try folder.ffmpeg("-f lavfi -i testsrc2=s=160x120:r=25:d=1 -c:v libx264 clip.mp4")
        let source = try await folder.open("clip.mp4")
        var frames = try await source.rest()
        #expect(source.statistics.pictureBytes >= frames.count * Self.pictureBytes, "each of the 25 is held")
        frames = []
        for _ in 0..<500 where source.statistics.pictureBytes > 0 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(source.statistics.pictureBytes == 0)
    }
}
