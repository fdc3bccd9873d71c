import ArgumentParser
import Foundation
import Setup
import Tools

struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures what this machine can do, and how near the pipeline comes to it.")

    @Option(help: ArgumentHelp("A video file. Default: the project's own sample, once rendered.", valueName: "FILE"))
    var clip: String?
    @Option(help: "The most streams at once.")
    var streams = 8
    @Option(help: "Seconds for each of the three measurements of a row.")
    var seconds = 5.0
    @Flag(help: "One JSON object for machines.")
    var json = false
    @OptionGroup var options: SettingsOptions

    mutating func validate() throws {
        guard (1...256).contains(streams) else {
            throw ValidationError("--streams is \(streams), but must be in 1...256.")
        }
        guard seconds >= 0.5, seconds <= 3600 else {
            throw ValidationError("--seconds is \(seconds), but must be in 0.5...3600.")
        }
    }

    mutating func run() async throws {
        let settings = try options.load()
        let benchmark = try Benchmark(settings: settings, clip: clip, maximumStreams: streams, seconds: seconds)
        let isQuiet = json
        if !isQuiet { print(Benchmark.header) }
        let rows = try await benchmark.run { row in if !isQuiet { print(row.text) } }
        let isolation = try await benchmark.isolationCost(streams: ProcessInfo.processInfo.activeProcessorCount)
        print(isQuiet ? Benchmark.json(rows, isolation) : Benchmark.verdict(rows) + "\n" + isolation.text)
    }
}
