import ArgumentParser
import Daemon
import Foundation
import Records

struct Analyze: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Analyses one file or stream, without a daemon.",
        discussion: "Without --analytic, people are counted. Ends at the end of the input, or with Ctrl-C.")

    @Argument(help: "A video file, or an rtsp, http or https address.")
    var input: String
    @Option(help: "people_count or human_tracking; may be given more than once.")
    var analytic: [String] = []
    @Option(
        help: ArgumentHelp(
            "The object that a stream carries in analytics[].parameters; one for each --analytic, in order.",
            valueName: "FILE.json"))
    var parameters: [String] = []
    @Option(help: ArgumentHelp("Events, one a line, as a callback carries them.", valueName: "FILE.jsonl"))
    var events: String?
    @Option(help: ArgumentHelp("Tracks as MOTChallenge rows; needs human_tracking.", valueName: "FILE.txt"))
    var mot: String?
    @Option(help: ArgumentHelp("A video with boxes, ids, zones and the count drawn in.", valueName: "FILE.mp4"))
    var annotate: String?
    @Option(help: ArgumentHelp("Detections, one line for each analysed frame.", valueName: "FILE.jsonl"))
    var detections: String?
    @OptionGroup var options: SettingsOptions

    mutating func validate() throws {
        if analytic.isEmpty { analytic = ["people_count"] }
        for name in analytic where name != "people_count" && name != "human_tracking" {
            throw ValidationError("--analytic is '\(name)', but must be people_count or human_tracking.")
        }
        guard parameters.isEmpty || parameters.count == analytic.count else {
            throw ValidationError(
                "\(parameters.count) --parameters for \(analytic.count) --analytic: give one for each.")
        }
        guard mot == nil || analytic.contains("human_tracking") else {
            throw ValidationError("--mot needs --analytic human_tracking.")
        }
    }

    mutating func run() async throws {
        let settings = try options.load()
        var requests: [AnalyticChoice] = []
        for (index, name) in analytic.enumerated() {
            requests.append(
                try AnalyticChoice(name: name, parametersFile: parameters.isEmpty ? nil : parameters[index]))
        }
        let analysis = Analysis(
            settings: settings,
            request: Analysis.Request(
                input: input, analytics: requests, eventsFile: events, motFile: mot, annotateFile: annotate,
                detectionsFile: detections))
        let bar = ProgressBar()
        let work = Task { try await analysis.run { bar.show($0) } }
        let interrupt = onInterrupt { work.cancel() }
        defer { interrupt.cancel() }
        let summary = try await work.value
        bar.clear()
        print(summary.text)
    }
}
