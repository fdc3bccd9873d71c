import ArgumentParser
import Daemon
import Foundation
import Records
import Setup

struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Manages accounts.", subcommands: [Create.self, Delete.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Creates an account and prints its id. The daemon must not be running on the same data directory."
        )

        @Option(help: "The login, in the form of an e-mail address.")
        var login: String
        @Option(help: "user, advanced_user or admin.")
        var type: String
        @Flag(help: "Read the password from the first line of standard input.")
        var passwordStdin = false
        @OptionGroup var data: DataOptions

        mutating func validate() throws {
            guard accountTypes.contains(type) else {
                throw ValidationError(
                    "--type is '\(type)', but must be one of \(accountTypes.joined(separator: ", ")).")
            }
            guard passwordStdin else {
                throw ValidationError("A password on a command line can be seen by others: use --password-stdin.")
            }
        }

        mutating func run() async throws {
            let settings = try data.load()
            let id = try await createAccount(
                settings, login: login, type: type, password: readLine(strippingNewline: true) ?? "")
            print(id.wire)
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Removes an account with its streams, events, tokens and all else, and says what went.",
            discussion: """
                The daemon must not be running on the same data directory or database. Cut off, the command goes on where it stopped \
                when it is given again. The last admin is not removed.
                """)

        @Option(help: "The login of the account.")
        var login: String
        @Flag(help: "Do not ask.")
        var yes = false
        @OptionGroup var data: DataOptions

        mutating func validate() throws {
            guard yes || isatty(STDIN_FILENO) == 1 else {
                throw ValidationError("Nobody can be asked here: use --yes.")
            }
        }

        mutating func run() async throws {
            let settings = try data.load()
            if !yes {
                print(
                    "The account \(login) and all that is its will be gone for good. Write its login to go on: ",
                    terminator: "")
                fflush(nil)
                guard readLine(strippingNewline: true) == login else { throw Refused() }
            }
            for line in try await deleteAccount(settings, login: login) { print(line) }
        }

        private struct Refused: Error, CustomStringConvertible { let description = "Nothing was removed." }
    }
}
