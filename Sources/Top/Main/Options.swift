import ArgumentParser
import Foundation
import Setup

/// The settings file, which every subcommand takes.
struct SettingsOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("A JSON file with settings; see docs/settings.md.", valueName: "FILE"))
    var settings: String?

    func load(flags: [String: String?] = [:]) throws -> Settings {
        let settings = try Settings(
            flags: flags.compactMapValues { $0 }, environment: ProcessInfo.processInfo.environment,
            file: settings.map { URL(fileURLWithPath: $0) })
        ProcessMemory.hideEnvironment(Settings.secretVariables)
        if settings.daemon.leavesCoreFiles { CoreFiles.allow() }
        return settings
    }
}
