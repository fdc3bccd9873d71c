import DecodeWorker
import Foundation
import Scene
import Testing
import WorkerSupport

@testable import Media

/// The sound of a stranger's file beside covered pictures.
struct SoundCopyTests {
    /// A sound whose labels are as a test has them.
    private final class Scripted: SoundSource {
        struct Broken: Error {}
        let track: SoundTrack
        private var packets: [SoundPacket]
        private let breaks: Bool
        init(_ track: SoundTrack, _ packets: [SoundPacket], breaks: Bool = false) {
            (self.track, self.packets, self.breaks) = (track, packets, breaks)
        }
        func next() throws -> SoundPacket? {
            guard packets.isEmpty else { return packets.removeFirst() }
            if breaks { throw Broken() }
            return nil
        }
    }
    private static func read(_ folder: TemporaryFolder) throws -> (track: SoundTrack, packets: [SoundPacket]) {
        let source = try #require(try folder.sound("in.mp4"))
        var packets: [SoundPacket] = []
        while let packet = try source.next() { packets.append(packet) }
        return (source.track, packets)
    }
    private static func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try folder.ffmpeg(
            "-f lavfi -i color=gray:s=64x48:r=10:d=2 -f lavfi -i sine=duration=2 -c:v libx264 -c:a aac in.mp4")
        return folder
    }
    private static func write(_ folder: TemporaryFolder, _ source: any SoundSource) async throws -> VideoWriter.Sound {
        let writer = try VideoWriter(
            path: folder.path("out.mp4"), size: PixelSize(width: 64, height: 48), frameRate: 10, sound: source)
        for frame in try await folder.frames("in.mp4") { try writer.write(frame, overlays: []) }
        try writer.finish()
        return writer.sound
    }
    private static func soundCount(_ folder: TemporaryFolder) throws -> Int {
        let source = try #require(try folder.opener.sounds.open(folder.path("out.mp4")))
        var count = 0
        while try source.next() != nil { count += 1 }
        return count
    }

    @Test func aWorkerReadsWhatThisProcessDoes() throws {
        let folder = try Self.folder(), (track, packets) = try Self.read(folder)
        let file = try #require(FileHandle(forReadingAtPath: folder.path("in.mp4")))
        let local = try #require(try SoundReader(file, name: "in.mp4", configuration: MediaConfiguration()))
        #expect(local.track.codec == "aac" && track.codec == "aac" && track.head == local.track.head)
        #expect(packets.count > 80)
        for packet in packets {
            let own = try #require(local.next())
            #expect(own.bytes == packet.bytes && own.pts == packet.pts && own.dts == packet.dts)
        }
        #expect(local.next() == nil)
    }

    @Test func packetsWhoseLabelsAreImpossibleAreLeftOut() async throws {
        let folder = try Self.folder()
        var (track, packets) = try Self.read(folder)
        let count = packets.count
        #expect(try await Self.write(folder, Scripted(track, packets)) == .kept(codec: "aac"))
        #expect(try Self.soundCount(folder) == count)
        // Further from the pictures than any number; before the one before.
        track.origin = 2
        (packets[10].pts, packets[10].dts) = (.min + 1, .min + 1)
        (packets[20].pts, packets[20].dts) = (packets[5].pts, packets[5].dts)
        packets[30].duration = .min
        #expect(try await Self.write(folder, Scripted(track, packets)) == .kept(codec: "aac"))
        #expect(try Self.soundCount(folder) == count - 2)
    }

    @Test func aTrackThatIsNoSoundIsLeftOut() async throws {
        let folder = try Self.folder()
        var (track, packets) = try Self.read(folder)
        track.codecID = 27  // H.264
        #expect(try await Self.write(folder, Scripted(track, packets)) == .left(codec: "aac"))
        (track.codecID, track.denominator) = (0, 0)
        #expect(try await Self.write(folder, Scripted(track, packets)) == .left(codec: "aac"))
    }

    @Test func whatEndsItsReaderIsTold() async throws {
        let folder = try Self.folder(), (track, packets) = try Self.read(folder)
        await #expect(throws: Scripted.Broken.self) {
            try await Self.write(folder, Scripted(track, packets, breaks: true))
        }
        #expect(throws: MediaError.self) { try folder.opener.sounds.open(folder.path("nothing.mp4")) }
        try Data("no video".utf8).write(to: folder.url.appending(path: "text.mp4"))
        #expect(throws: MediaError.self) { try folder.opener.sounds.open(folder.path("text.mp4")) }
    }
}
