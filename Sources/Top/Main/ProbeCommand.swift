import Analytics
import ArgumentParser
import Foundation
import Probing
import Records
import Setup
import Tools

struct ProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Tries a source: what it sends and what analysing it costs, or why it cannot be used.",
        discussion: """
            Opens the source as a stream would, without a daemon, and looks at it for three seconds. Hosts of this machine may be reached whatever the settings say. Ends with 1 when it cannot be used.
            """)

    @Argument(help: "A video file, or the address of a source.")
    var input: String?
    @Flag(
        help: "Takes INPUT from the first line of standard input: an address with a password is seen by nobody there.")
    var inputStdin = false
    @Option(help: "stream or videofile. Default: addresses are streams, paths are video files.")
    var type: String?
    @Option(help: "The login of an account of the source, where the address has none.")
    var login: String?
    @Flag(help: "Read the password from the first line of standard input, after INPUT where that is read there.")
    var passwordStdin = false
    @Option(
        help:
            "\(AnalyticCatalogue.ownNames.joined(separator: " or ")), whose cost is told; may be given more than once.")
    var analytic: [String] = []
    @Flag(help: "Print what the API answers, with a picture.")
    var json = false
    @OptionGroup var options: SettingsOptions

    mutating func validate() throws {
        guard input != nil || inputStdin else {
            throw ValidationError("Missing expected argument '<input>': give it, or --input-stdin.")
        }
        guard input == nil || !inputStdin else { throw ValidationError("INPUT and --input-stdin: give one of them.") }
        guard type == nil || type.flatMap(SourceSpecification.Kind.init(rawValue:)) != nil else {
            throw ValidationError("--type is '\(type ?? "")', but must be stream or videofile.")
        }
        guard !passwordStdin || login != nil else { throw ValidationError("--password-stdin needs --login.") }
        let names = AnalyticCatalogue.ownNames
        for name in analytic where !names.contains(name) {
            throw ValidationError("--analytic is '\(name)', but must be \(names.joined(separator: " or ")).")
        }
    }

    mutating func run() async throws {
        let settings = try options.load()
        let input = input ?? readLine(strippingNewline: true) ?? "", address = SourceAddress(input)
        if let complaint = address?.complaint { throw ValidationError("The address \(complaint).") }
        let isLive = address.map { $0.scheme != "file" } ?? false
        var source = SourceSpecification(
            kind: type.flatMap(SourceSpecification.Kind.init(rawValue:)) ?? (isLive ? .stream : .file), reference: input
        )
        if let login {
            guard isLive else { throw ValidationError("--login is for the address of a source.") }
            let password = passwordStdin ? readLine(strippingNewline: true) ?? "" : ""
            source.authorization = SourceAuthorization(login: login, password: password)
        }
        let wish = SourceProber.Wish(source: source, analytics: analytic.map { AnalyticChoice(name: $0) })
        let prober = try SourceProber(settings: settings)
        let work = Task { try await prober.probe(wish) }
        let interrupt = onInterrupt { work.cancel() }
        defer { interrupt.cancel() }
        let report = try await work.value
        if json {
            print(probeDocument(report))
        } else {
            for line in probeTable(report) { print(line) }
        }
        if report.failure != nil { throw ExitCode(1) }
    }
}
