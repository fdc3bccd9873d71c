import Foundation

/// The built programs, run as a user runs them.
enum Program {
    /// Where the test runner lies, and beside it what was built with it.
    private static let folder = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()

    struct Outcome {
        var status: Int32
        var output: String
        var error: String
    }

    static func process(_ name: String, _ arguments: [String], environment: [String: String] = [:]) -> Process {
        process(folder.appending(path: name), arguments, environment: environment)
    }

    private static func process(_ program: URL, _ arguments: [String], environment: [String: String]) -> Process {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        // Nothing of the surroundings may change what a test sees.
        let inherited = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("SIGHTLINE_") }
        process.environment = inherited.merging(environment) { _, new in new }
        return process
    }

    /// Runs to the end.
    static func run(_ name: String, _ arguments: [String], environment: [String: String] = [:]) async throws -> Outcome
    {
        try await run(folder.appending(path: name), arguments, environment: environment)
    }

    static func run(_ program: URL, _ arguments: [String], environment: [String: String] = [:]) async throws -> Outcome
    {
        let process = process(program, arguments, environment: environment)
        let work = TemporaryFolder()
        let (out, err) = (work.url.appending(path: "out"), work.url.appending(path: "err"))
        for file in [out, err] { _ = FileManager.default.createFile(atPath: file.path, contents: nil) }
        process.standardOutput = try FileHandle(forWritingTo: out)
        process.standardError = try FileHandle(forWritingTo: err)
        await withCheckedContinuation { continuation in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume() }
        }
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOf: out, encoding: .utf8),
            error: try String(contentsOf: err, encoding: .utf8))
    }
}

/// A folder that is gone with its last user.
final class TemporaryFolder: Sendable {
    let url = FileManager.default.temporaryDirectory.appending(path: "sightline-test-\(UUID())")
    init() { try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit {
        try? FileManager.default.removeItem(at: url)
        try? FileManager.default.removeItem(at: url.appendingPathExtension("key"))
    }
}

/// Footage that is rendered once for all tests of a run: nine seconds of the sample, in which people come in and walk.
actor Footage {
    static let shared = Footage()
    private let folder = TemporaryFolder()
    private var rendering: Task<URL, any Error>?
    private var repeating: [Int: Task<URL, any Error>] = [:]

    func clip() async throws -> URL {
        if let rendering { return try await rendering.value }
        let file = folder.url.appending(path: "people.mp4")
        let task = Task {
            let outcome = try await Program.run("sightline-render-sample", ["lobby", file.path, "--seconds", "9"])
            guard outcome.status == 0 else { throw RenderingFailed(reason: outcome.error) }
            return file
        }
        rendering = task
        return try await task.value
    }

    /// The clip a hundred times over, a quarter of an hour: played at its own speed it outlasts every test, however slow
    /// the machine.
    func longClip() async throws -> URL { try await clip(times: 100) }

    /// The clip so many times over.
    func clip(times: Int) async throws -> URL {
        if let task = repeating[times] { return try await task.value }
        let file = folder.url.appending(path: "people-\(times)-times.mp4")
        let task = Task {
            let source = try await clip()
            let outcome = try await Program.run(
                URL(fileURLWithPath: "/usr/bin/env"),
                [
                    "ffmpeg", "-v", "error", "-stream_loop", "\(times - 1)", "-i", source.path, "-c", "copy", file.path,
                ])
            guard outcome.status == 0 else { throw RenderingFailed(reason: outcome.error) }
            return file
        }
        repeating[times] = task
        return try await task.value
    }
    struct RenderingFailed: Error { let reason: String }
}
