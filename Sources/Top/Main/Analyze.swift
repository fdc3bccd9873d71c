import Analytics
import ArgumentParser
import Foundation
import Records
import Scene
import Setup
import Tools

struct Analyze: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Analyses one file or stream, or pictures, without a daemon.",
        discussion: """
            Without --analytic, people are counted. Ends at the end of the input, or with Ctrl-C. In pictures people and faces are \
            found: --detections has a line for each picture, and --images takes the aligned faces.
            """)

    @Argument(help: "A video file, a picture, a folder of pictures, or the address of a source.")
    var input: String?
    @Flag(
        help: "Takes INPUT from the first line of standard input: an address with a password is seen by nobody there.")
    var inputStdin = false
    @Option(help: "\(AnalyticCatalogue.ownNames.joined(separator: " or ")); may be given more than once.")
    var analytic: [String] = []
    @Option(
        help: ArgumentHelp(
            "The object that a stream carries in analytics[].parameters; one for each --analytic, in order.",
            valueName: "FILE.json"))
    var parameters: [String] = []
    @Option(help: ArgumentHelp("Events, one a line, as a callback carries them.", valueName: "FILE.jsonl"))
    var events: String?
    @Option(
        help: ArgumentHelp(
            "Pictures of events as files, which the events then name; without it they are in the events, as base64.",
            valueName: "DIR"))
    var images: String?
    @Option(help: ArgumentHelp("Tracks as MOTChallenge rows; needs \(Self.followers).", valueName: "FILE.txt"))
    var mot: String?
    @Option(help: ArgumentHelp("A video with boxes, ids, zones and the count drawn in.", valueName: "FILE.mp4"))
    var annotate: String?
    @Option(help: ArgumentHelp("The people counted, one line for each analysed frame.", valueName: "FILE.jsonl"))
    var detections: String?
    @Option(
        help: ArgumentHelp(
            "Why there were events: a line for each, and one for all frames that are remembered.",
            valueName: "FILE.jsonl"))
    var why: String?
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Writes the video with faces or people blurred and its sound kept; give INPUT before it. Goes with --detections alone, which then tells what is covered.",
            valueName: "faces|people FILE.mp4"))
    var blur: [String] = []
    @OptionGroup var options: SettingsOptions

    private static let followers = AnalyticCatalogue.followingNames.joined(separator: " or ")

    mutating func validate() throws {
        guard input != nil || inputStdin else {
            throw ValidationError("Missing expected argument '<input>': give it, or --input-stdin.")
        }
        guard input == nil || !inputStdin else { throw ValidationError("INPUT and --input-stdin: give one of them.") }
        try validateBlur()
        let names = AnalyticCatalogue.ownNames
        for name in analytic where !names.contains(name) {
            throw ValidationError("--analytic is '\(name)', but must be \(names.joined(separator: " or ")).")
        }
        guard parameters.isEmpty || parameters.count == max(1, analytic.count) else {
            throw ValidationError(
                "\(parameters.count) --parameters for \(analytic.count) --analytic: give one for each.")
        }
        guard mot == nil || !Set(analytic).isDisjoint(with: AnalyticCatalogue.followingNames) else {
            throw ValidationError("--mot needs --analytic \(Self.followers).")
        }
    }

    private func validateBlur() throws {
        guard !blur.isEmpty else { return }
        guard blur.count == 2, ["faces", "people"].contains(blur[0]) else {
            throw ValidationError("--blur wants 'faces' or 'people' and a FILE.mp4, after INPUT.")
        }
        let others = [events, images, mot, annotate, why].compactMap(\.self) + analytic + parameters
        guard others.isEmpty else { throw ValidationError("--blur goes with --detections alone.") }
    }

    mutating func run() async throws {
        let settings = try options.load()
        let input = input ?? readLine(strippingNewline: true) ?? ""
        let pictures = PictureAnalysis(
            settings: settings, input: input, detectionsFile: detections, faceFolder: images)
        try OutputFiles.check(
            [input] + (pictures?.inputs ?? []) + parameters,
            [
                ("--events", events), ("--images", images), ("--mot", mot), ("--annotate", annotate),
                ("--detections", detections), ("--why", why), ("--blur", blur.count == 2 ? blur[1] : nil),
            ])
        if blur.count == 2, let mode = Privacy.Mode(rawValue: blur[0]) {
            let blurring = Blurring(
                settings: settings,
                specification: Blurring.Specification(
                    input: input, privacy: Privacy(mode), outputFile: blur[1], placesFile: detections))
            return print(try await Self.withBar { try await blurring.run(onProgress: $0) }.text)
        }
        if let pictures { return try await look(at: pictures) }
        guard images == nil || events != nil else { throw ValidationError("--images needs --events.") }
        let names = analytic.isEmpty ? [AnalyticCatalogue.ownNames[0]] : analytic
        var choices: [AnalyticChoice] = []
        for (index, name) in names.enumerated() {
            choices.append(
                try AnalyticChoice(name: name, parametersFile: parameters.isEmpty ? nil : parameters[index]))
        }
        let analysis = Analysis(
            settings: settings,
            specification: Analysis.Specification(
                input: input, analytics: choices, eventsFile: events, imageFolder: images, motFile: mot,
                annotateFile: annotate,
                detectionsFile: detections, whyFile: why))
        print(try await Self.withBar { try await analysis.run(onProgress: $0) }.text)
    }

    private func look(at pictures: PictureAnalysis) async throws {
        let ofVideo = [
            ("--analytic", !analytic.isEmpty), ("--parameters", !parameters.isEmpty), ("--events", events != nil),
            ("--mot", mot != nil), ("--annotate", annotate != nil), ("--why", why != nil),
        ]
        if let option = ofVideo.first(where: \.1) {
            throw ValidationError("\(option.0) is for video, and the input is pictures.")
        }
        print(try await Self.withBar { try await pictures.run(onProgress: $0) }.text)
    }

    /// Shows a bar while `run` goes on, and ends it at Ctrl-C.
    private static func withBar<Summary: Sendable>(
        _ run: @escaping @Sendable (@escaping @Sendable (Analysis.Progress) -> Void) async throws -> Summary
    ) async throws -> Summary {
        let bar = ProgressBar()
        let work = Task { try await run { bar.show($0) } }
        let interrupt = onInterrupt { work.cancel() }
        defer { interrupt.cancel() }
        let summary = try await work.value
        bar.clear()
        return summary
    }
}
