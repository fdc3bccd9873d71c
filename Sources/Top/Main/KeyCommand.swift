import ArgumentParser
import Daemon
import Foundation
import Setup

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Manages the key that secrets are sealed under.", subcommands: [Rotate.self])

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Seals all secrets under a new key, and puts it in place of the one in use.",
            discussion: """
                The daemon must not be running on the same data directory or database. Cut off, the command goes on where it stopped \
                when it is given again; the daemon can be started in between.
                """)

        @Flag(help: "Read the new key, 64 hexadecimal digits, from the first line of standard input.")
        var newKeyStdin = false
        @OptionGroup var data: DataOptions

        mutating func run() async throws {
            let settings = try data.load()
            let digits = newKeyStdin ? readLine(strippingNewline: true) ?? "" : nil
            for line in try await rotateKey(settings, to: digits) { print(line) }
        }
    }
}
