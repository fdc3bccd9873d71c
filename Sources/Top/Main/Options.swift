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

/// What every subcommand takes that works on the data of a daemon which is stopped.
struct DataOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where everything is kept. Default: ./sightline-data", valueName: "DIR"))
    var dataDir: String?
    @OptionGroup var options: SettingsOptions

    /// What is written from here on is for its owner only: the data directory holds the passwords of cameras.
    func load() throws -> Settings {
        umask(0o077)
        return try options.load(flags: ["data_dir": dataDir])
    }
}
