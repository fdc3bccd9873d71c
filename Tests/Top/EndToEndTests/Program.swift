import Foundation
import ProcessSupport

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

    /// Starts one of ours; nobody reads what it writes but `errors`.
    static func start(
        _ name: String, _ arguments: [String], environment: [String: String] = [:], errors: URL? = nil
    ) throws -> ChildProcess {
        let nobody = try FileHandle(forWritingTo: URL(filePath: "/dev/null"))
        return try ChildProcess(
            [folder.appending(path: name).path] + arguments, environment: surroundings(environment), output: nobody,
            errors: errors.map(FileHandle.init(forWritingTo:)) ?? nobody)
    }
    /// Runs one of ours to the end.
    static func run(_ name: String, _ arguments: [String], environment: [String: String] = [:]) async throws -> Outcome
    {
        try await run([folder.appending(path: name).path] + arguments, environment: environment)
    }
    /// Runs any program to the end.
    static func run(_ command: [String], environment: [String: String] = [:]) async throws -> Outcome {
        let outcome = try await ChildProcess.run(command, environment: surroundings(environment))
        return Outcome(
            status: outcome.status, output: String(decoding: outcome.output, as: UTF8.self), error: outcome.errors)
    }
    /// Nothing of the surroundings may change what a test sees, but that under a sanitizer nothing is decoded apart.
    private static func surroundings(_ environment: [String: String]) -> [String: String] {
        let all = ProcessInfo.processInfo.environment
        var clean = all.filter { !$0.key.hasPrefix("SIGHTLINE_") }
        clean["SIGHTLINE_MEDIA_ISOLATION"] = all["SIGHTLINE_TEST_ISOLATION"]
        return clean.merging(environment) { _, new in new }
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
