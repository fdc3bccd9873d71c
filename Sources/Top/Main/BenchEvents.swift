import ArgumentParser
import Setup
import Tools

struct BenchEvents: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures how many events a second the database takes. It must be empty before.")

    @Option(parsing: .upToNextOption, help: "Streams at once; each waits for its own write.")
    var streams = [1, 8, 64]
    @Option(help: "Seconds for each count of streams.")
    var seconds = 5.0
    @OptionGroup var data: DataOptions

    mutating func validate() throws {
        guard !streams.isEmpty, streams.allSatisfy({ (1...1024).contains($0) }) else {
            throw ValidationError("--streams are \(streams), but each must be in 1...1024.")
        }
        guard seconds >= 0.5, seconds <= 3600 else {
            throw ValidationError("--seconds is \(seconds), but must be in 0.5...3600.")
        }
    }

    mutating func run() async throws {
        let settings = try data.load()
        let benchmark = try await EventBenchmark(settings: settings, seconds: seconds)
        print(EventBenchmark.header)
        try await benchmark.run(streams: streams) { print($0.text) }
    }
}
