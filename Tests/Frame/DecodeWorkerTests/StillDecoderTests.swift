import DecodeWorker
import Foundation
import Frames
import Glibc
import Media
import Scene
import Testing
import WorkerSupport

/// Single pictures, each in a process of its own. What is read of them is in `StillReaderTests`.
struct StillDecoderTests {
    private static func picture(_ name: String) throws -> [UInt8] {
        let folder = try Folder()
        try folder.ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=120x80", "-frames:v", "1", name])
        return Array(try Data(contentsOf: URL(filePath: folder.path(name))))
    }

    @Test(arguments: ["a.jpg", "a.png", "a.bmp"])
    func aPictureIsTheSameAsInThisProcess(name: String) throws {
        let bytes = try Self.picture(name)
        var configuration = MediaConfiguration()
        let apart = try TestWorkers.opener(configuration).stills.decode(bytes, maximumPixels: 1 << 20)
        configuration.isolation = .none
        let here = try TestWorkers.opener(configuration).stills.decode(bytes, maximumPixels: 1 << 20)
        #expect(apart.size == here.size && apart.contentType == here.contentType)
        #expect(apart.converted == here.converted && (apart.converted == nil) == (name != "a.bmp"))
    }

    @Test func aPictureThatCrashesItsDecoderIsRefusedAndTheNextIsRead() throws {
        let bytes = try Self.picture("a.png")
        var stills = TestWorkers.opener(MediaConfiguration(), trap: WorkerTrap(.crash, at: -1)).stills
        stills.trap = WorkerTrap(.crash, at: -1)
        #expect(throws: WorkerFailure.died(.signal(SIGSEGV), times: 1)) {
            try stills.decode(bytes, maximumPixels: 1 << 20)
        }
        stills.trap = nil
        #expect(try stills.decode(bytes, maximumPixels: 1 << 20).size == PixelSize(width: 120, height: 80))
    }

    @Test func whatADecoderSaysIsBelievedAsFarAsAnybodyCouldMeanIt() throws {
        var stills = TestWorkers.opener(MediaConfiguration(), trap: WorkerTrap(.exaggerate, at: -1)).stills
        stills.trap = WorkerTrap(.exaggerate, at: -1)
        #expect(throws: MediaError.stalled(after: .seconds(86_400))) {
            try stills.decode([1, 2, 3], maximumPixels: 1 << 20)
        }
    }

    /// In silence or not.
    @Test(arguments: [WorkerTrap.Deed.hang, .chatter])
    func aDecoderThatTakesTooLongIsEnded(deed: WorkerTrap.Deed) throws {
        var stills = TestWorkers.opener(MediaConfiguration(), trap: WorkerTrap(deed, at: -1)).stills
        stills.trap = WorkerTrap(deed, at: -1)
        stills.patience = .seconds(1)
        #expect(throws: WorkerFailure.died(.hang(.seconds(1)), times: 1)) {
            try stills.decode([1, 2, 3], maximumPixels: 1 << 20)
        }
    }
}
