import Addresses
import DecodeWorker
import Foundation
import Frames
import Media
import Records
import Scene

// Opens what standard input names, as the daemon opens it, looks at its pictures, and tells what came of it. For
// `scripts/trial/fuzz-media`, which sees what died.
//
//     FuzzTarget SIGHTLINE [AT_ONCE]      SIGHTLINE: the command whose workers decode
//
// A line of input is JSON: `{"id": 1, "kind": "file", "reference": "/tmp/a.mp4"}`; kinds are `file`, `rtsp` and `picture`.

/// What is to be opened.
struct Case: Decodable, Sendable {
    enum Kind: String, Decodable { case file, rtsp, picture }
    var id: Int
    var kind: Kind
    var reference: String
}

/// What came of it.
struct Outcome: Encodable {
    var id: Int
    /// Pictures that were looked at.
    var frames = 0
    /// Why it ended, if not at its end.
    var error: String?
    /// How its worker died, if it did.
    var death: String?
}

/// Opens cases.
struct Target: Sendable {
    /// Nobody learns more from the pictures that follow.
    private static let mostFrames = 12
    private let configuration: MediaConfiguration
    private let opener: SourceOpener

    init(executable: String) {
        var configuration = MediaConfiguration()
        configuration.allowsAnyPath = true
        configuration.network.allowed = [NetworkRange("127.0.0.0/8")!]
        (configuration.openDeadline, configuration.readDeadline) = (.seconds(5), .seconds(3))
        configuration.decodePatience = .seconds(5)
        self.configuration = configuration
        opener = SourceOpener(configuration, launcher: WorkerLauncher(executable: executable))
    }

    func run(_ work: Case) async -> Outcome {
        var outcome = Outcome(id: work.id)
        do {
            if work.kind == .picture { try await look(at: work) } else { try await play(work, &outcome.frames) }
        } catch {
            outcome.error = "\(error)"
            if case .died(let death, _)? = error as? WorkerFailure { outcome.death = "\(death)" }
        }
        return outcome
    }

    private func look(at work: Case) async throws {
        let stills = StillReader(maximumPixels: configuration.maximumPixels, decode: opener.stills.decode)
        _ = try await stills.read { Array(try Data(contentsOf: URL(filePath: work.reference))) }
    }

    private func play(_ work: Case, _ frames: inout Int) async throws {
        let source = try await opener.open(
            SourceSpecification(kind: work.kind == .rtsp ? .stream : .file, reference: work.reference),
            rates: [.frames(1)], answerWithin: nil)
        defer { source.cancel() }
        let (width, height) = (64, 48)
        var pixels = [UInt8](repeating: 0, count: width * height * 3)
        while frames < Self.mostFrames, let frame = try await source.next() {
            try pixels.withUnsafeMutableBufferPointer { pixels in
                try frame.picture.draw(
                    PixelRect(x: 0, y: 0, width: frame.size.width, height: frame.size.height),
                    to: PixelTarget(
                        base: pixels.baseAddress!, bytesPerRow: width * 3,
                        size: PixelSize(width: width, height: height), order: .bgr))
            }
            frames += 1
        }
    }
}

guard CommandLine.arguments.count >= 2 else {
    FileHandle.standardError.write(Data("usage: FuzzTarget SIGHTLINE [AT_ONCE]\n".utf8))
    exit(2)
}
let target = Target(executable: CommandLine.arguments[1])
let atOnce = CommandLine.arguments.dropFirst(2).first.flatMap { Int($0) } ?? 4

/// Cases in the order in which they were given.
let cases = AsyncStream<Case> { continuation in
    Thread.detachNewThread {
        while let line = readLine() {
            if let work = try? JSONDecoder().decode(Case.self, from: Data(line.utf8)) { continuation.yield(work) }
        }
        continuation.finish()
    }
}

await withTaskGroup(of: Void.self) { group in
    var running = 0
    for await work in cases {
        if running == atOnce {
            await group.next()
            running -= 1
        }
        group.addTask {
            let outcome = await target.run(work)
            guard let line = try? JSONEncoder().encode(outcome) else { return }
            FileHandle.standardOutput.write(line + Data("\n".utf8))  // in one piece, as short as it is
        }
        running += 1
    }
}
