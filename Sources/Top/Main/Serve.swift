import ArgumentParser
import Daemon
import Foundation
import JobDoors
import Logging
import Records
import Setup

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Runs the daemon.")

    @Option(help: ArgumentHelp("Where everything is kept. Default: ./sightline-data", valueName: "DIR"))
    var dataDir: String?
    @Option(help: "Address to listen on. Default: 127.0.0.1")
    var host: String?
    @Option(help: "Port to listen on; 0 takes a free one. Default: 5000")
    var port: String?
    @Option(
        help: ArgumentHelp("A folder that file references may lie in; may be given more than once.", valueName: "DIR"))
    var mediaRoot: [String] = []
    @Option(
        help: ArgumentHelp(
            "Doors to jobs that other APIs have: \(JobDoorConfiguration.Name.allCases.map(\.rawValue).joined(separator: ", ")), or all.",
            valueName: "NAMES"))
    var doors: String?
    @OptionGroup var options: SettingsOptions

    mutating func validate() throws { _ = try openedDoors }

    /// The settings that open them.
    private var openedDoors: [String: String] {
        get throws {
            guard let doors else { return [:] }
            let names = JobDoorConfiguration.Name.allCases.map(\.rawValue)
            let wanted = doors == "all" ? names : doors.split(separator: ",").map(String.init)
            if let unknown = wanted.first(where: { !names.contains($0) }) {
                throw ValidationError(
                    "--doors names '\(unknown)', but must be all or some of \(names.joined(separator: ", ")).")
            }
            return Dictionary(wanted.map { ("jobs.\($0)", "1") }) { first, _ in first }
        }
    }

    mutating func run() async throws {
        umask(0o077)  // the data directory holds the passwords of cameras
        let flags = [
            "data_dir": dataDir, "host": host, "port": port,
            "media_roots": mediaRoot.isEmpty ? nil : mediaRoot.joined(separator: ":"),
        ]
        let settings = try options.load(flags: flags.merging(try openedDoors.mapValues { $0 }) { $1 })
        let log = LogMemory()
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = settings.daemon.logLevel
            return RedactingLogHandler(RememberingLogHandler(handler, in: log))
        }
        let daemon = try await buildDaemon(settings, log: log, logger: Logger(label: "sightline"))
        if let account = daemon.initialAccount {
            // The system's journal keeps what it is told.
            let isKept = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] != nil
            let text = """
                A new database: this account was created for you. It is \(isKept ? "" : "shown once, and ")kept in
                \(account.file.path).
                  login       \(account.login)
                  password    \(isKept ? "in that file" : account.password)
                  account id  \(account.accountID.wire)

                """
            FileHandle.standardOutput.write(Data(text.utf8))  // at once, also into a log
        }
        try await daemon.run()
    }
}
