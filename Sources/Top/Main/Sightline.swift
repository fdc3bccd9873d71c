import ArgumentParser
import DecodeWorker
import Dispatch
import Foundation
import Records
import Setup

/// Where the process begins.
@main
enum Program {
    static func main() {
        // A process that is forked may have one thread, so this comes before anything could make a second.
        if CommandLine.arguments.dropFirst().first == LauncherProcess.command { LauncherProcess.run() }
        prepareProcess()
        Task {
            await Sightline.main()
            exit(0)
        }
        dispatchMain()
    }
}

/// The `sightline` command.
struct Sightline: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sightline",
        abstract: "Turns camera streams into events about people.", version: "\(Version.current)",
        subcommands: [
            Serve.self, AccountCommand.self, KeyCommand.self, StoreCommand.self, JobCommand.self, DiscoverCommand.self,
            ProbeCommand.self, Analyze.self, Bench.self, BenchEvents.self, BenchPictures.self,
        ])

    /// Exit statuses: 0 done; 1 the work could not be done, with one sentence on standard error; 2 wrong usage.
    static func main() async {
        let arguments = ProcessMemory.takeArguments()
        do {
            var command = try parseAsRoot(arguments)
            do {
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
            } catch let error where [.success, .validationFailure].contains(Self.exitCode(for: error)) {
                throw error  // --help, or usage that only validation could tell was wrong
            } catch let error as ExitCode {
                Foundation.exit(error.rawValue)
            } catch {
                FileHandle.standardError.write(Data("sightline: \(Redaction.redacted("\(error)"))\n".utf8))
                Foundation.exit(1)
            }
        } catch {
            if exitCode(for: error).isSuccess { exit(withError: error) }  // --help
            FileHandle.standardError.write(Data((Redaction.redacted(fullMessage(for: error)) + "\n").utf8))
            Foundation.exit(2)
        }
    }
}
