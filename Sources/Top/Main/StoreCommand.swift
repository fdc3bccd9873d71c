import ArgumentParser
import Daemon
import Foundation
import Setup

struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store", abstract: "Makes and restores backups, and saves what is left of a damaged database.",
        subcommands: [Backup.self, Restore.self, Recover.self])

    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Copies the database, and the files of its objects as of the same moment, into a new folder.",
            discussion: """
                The daemon may be running. The folder has its name once it is whole. The key that secrets are sealed under is not in \
                it; the folder's manifest.json says which it is, and it is to be kept elsewhere. PostgreSQL wants its client's \
                pg_dump, of the server's version or newer.
                """)

        @Argument(help: "The folder to be made.")
        var folder: String
        @OptionGroup var data: DataOptions

        mutating func run() async throws {
            let settings = try data.load()
            for line in try await backUp(settings, to: URL(fileURLWithPath: folder)) { print(line) }
        }
    }

    struct Restore: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts a backup into an empty data directory, and into an empty database of PostgreSQL.",
            discussion: """
                The daemon must not be running. Cut off, the command begins anew when it is given again. The key must lie where the \
                settings say. PostgreSQL wants its client's pg_restore, of the server's version or newer.
                """)

        @Argument(help: "The folder of the backup.")
        var folder: String
        @OptionGroup var data: DataOptions

        mutating func run() async throws {
            let settings = try data.load()
            for line in try await restore(settings, from: URL(fileURLWithPath: folder)) { print(line) }
        }
    }

    struct Recover: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Puts what can be read of a damaged embedded database in its place, and says what is lost.",
            discussion: """
                The daemon must not be running. The damaged file stays beside, as sightline.sqlite.damaged; where nothing is damaged, \
                nothing is changed. Cut off, the command goes on when it is given again. A backup has more, if there is one.
                """)

        @Option(help: ArgumentHelp("Write it there, and leave the database as it is.", valueName: "FILE"))
        var to: String?
        @OptionGroup var data: DataOptions

        mutating func run() async throws {
            let settings = try data.load()
            for line in try recover(settings, to: to.map { URL(fileURLWithPath: $0) }) { print(line) }
        }
    }
}
