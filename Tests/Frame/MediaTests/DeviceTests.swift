import DecodeWorker
import Foundation
import Frames
import Glibc
import Records
import Scene
import Testing
import WorkerSupport

@testable import Media

/// Cameras of this machine, up to the call that opens them: machines that test have none.
struct DeviceTests {
    private static func failure(
        _ reference: String, kind: SourceSpecification.Kind = .stream, devices: [String] = [], roots: [URL] = []
    ) async -> MediaError? {
        var configuration = MediaConfiguration()
        (configuration.devices, configuration.mediaRoots) = (devices.map { URL(filePath: $0) }, roots)
        let opener = TestWorkers.opener(configuration)
        return await #expect(throws: MediaError.self, "\(reference)") {
            _ = try await opener.open(SourceSpecification(kind: kind, reference: reference), rates: [.frames(1)])
        }
    }
    private static let unnamed = MediaError.unsupportedReference(
        "is a device, which the setting media.devices does not name")

    @Test(arguments: ["/dev/video0", "/dev/../dev/video0", "/dev/v4l/by-id/usb-camera"])
    func onlyWhatAnOperatorNamesIsOpened(reference: String) async {
        #expect(await Self.failure(reference) == Self.unnamed)
        #expect(await Self.failure(reference, devices: ["/dev/video77"]) == Self.unnamed)
    }

    @Test func whatIsNamedAndNotThereIsSaid() async {
        #expect(await Self.failure("/dev/video77", devices: ["/dev/video77"]) == .noSuchFile)
        #expect(
            await Self.failure("/dev/video77", kind: .file, devices: ["/dev/video77"])
                == .noSuchFile)
    }

    @Test func whatCountsIsWhereALinkLeads() async throws {
        let folder = try TemporaryFolder()
        let link = folder.path("camera"), file = folder.path("clip.mp4")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "/dev/null")
        try Data([0]).write(to: URL(filePath: file))
        for path in [link, file] {
            #expect(await Self.failure(path, devices: [path]) == .notAFile("what is no camera (Video4Linux)"))
        }
        // Not named, so it is a file that lies outside.
        #expect(await Self.failure(link, roots: [folder.url]) == .fileNotAllowed)
    }

    /// A node without a camera behind it, which not everybody may make.
    private static func makeNode(_ path: String) -> Bool { mknod(path, S_IFCHR | 0o600, 81 << 8 | 250) == 0 }
    private static let mayMakeNodes = (try? TemporaryFolder()).map { makeNode($0.path("camera")) } ?? false

    @Test(.enabled(if: mayMakeNodes)) func aDeviceIsOpened() async throws {
        let folder = try TemporaryFolder(), node = folder.path("camera"), link = folder.path("link")
        #expect(Self.makeNode(node))
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: node)
        for (reference, named) in [(node, node), (link, node), (node, link)] {
            let error = await Self.failure(reference, devices: [named])
            guard case .cannotOpen = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        #expect(
            await Self.failure(node, kind: .file, devices: [node])
                == .unsupportedReference("is a device, which has no end, so it is no videofile"))
    }

    @Test func devicesHaveAReader() { #expect(VideoDevices.reader != nil) }
}
