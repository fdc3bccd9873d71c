import ArgumentParser
import Foundation
import Records
import Setup
import Tools

struct JobCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job", abstract: "Shows, follows and cancels the jobs of a running daemon.",
        discussion: """
            Asks the daemon over its API, so an account or a token of it is needed: from the variables SIGHTLINE_LOGIN and \
            SIGHTLINE_PASSWORD, from SIGHTLINE_TOKEN, or --login with --password-stdin.
            """,
        subcommands: [List.self, Show.self, Follow.self, Cancel.self])

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists jobs, the newest first.")

        @Option(
            help: ArgumentHelp("Only jobs in these states, such as queued,running.", valueName: "STATES"))
        var states: String?
        @Option(help: "So many at most.")
        var limit = 100
        @Flag(help: "Print what the API tells, a job in each line.")
        var json = false
        @OptionGroup var daemon: RemoteOptions

        mutating func validate() throws {
            let known = JobState.allCases.map(\.rawValue)
            for state in names where !known.contains(state) {
                throw ValidationError(
                    "--states has '\(state)', but each must be one of \(known.joined(separator: ", ")).")
            }
            guard limit > 0 else { throw ValidationError("--limit is \(limit), but must be 1 or more.") }
        }
        private var names: [String] { states.map { $0.split(separator: ",").map(String.init) } ?? [] }

        mutating func run() async throws {
            let jobs = try daemon.jobs()
            for job in try await jobs.list(states: names, limit: limit) { print(json ? job.text : job.row) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shows what a job is and how far.")

        @Argument(help: "The id of the job.")
        var id: JobID
        @Flag(help: "Print what the API tells.")
        var json = false
        @OptionGroup var daemon: RemoteOptions

        mutating func run() async throws {
            let jobs = try daemon.jobs()
            let job = try await jobs.job(id.value)
            print(json ? job.text : job.page)
        }
    }

    struct Follow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows how far a job is until it is over.",
            discussion: """
                On a terminal one line is written over, elsewhere there is a line for each change. The exit status is 0 when the job \
                is done, and 1 when it has failed or was cancelled. A daemon that is started anew meanwhile is waited for.
                """)

        @Argument(help: "The id of the job.")
        var id: JobID
        @OptionGroup var daemon: RemoteOptions

        mutating func run() async throws {
            let jobs = try daemon.jobs(), bar = ProgressBar()
            var told = ""
            func tell(_ job: RemoteJob) {
                bar.show(ProgressBar.bar(job.share) + job.livelyLine)
                guard !bar.isTerminal || job.end != nil, job.line != told else { return }
                bar.clear()
                told = job.line
                FileHandle.standardOutput.write(Data((told + "\n").utf8))  // at once, also into a pipe
            }
            let job: RemoteJob
            do { job = try await jobs.follow(id.value, tell) } catch {
                bar.clear()
                throw error
            }
            guard job.end != .done else { return }
            throw Ended(description: job.error.map { "The job has failed: \($0)" } ?? "The job is \(job.state)")
        }
        private struct Ended: Error, CustomStringConvertible { let description: String }
    }

    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Cancels a job that is not over.")

        @Argument(help: "The id of the job.")
        var id: JobID
        @OptionGroup var daemon: RemoteOptions

        mutating func run() async throws {
            try await daemon.jobs().cancel(id.value)
        }
    }
}

/// As the API has it, or without hyphens, as the door of batches has it.
struct JobID: ExpressibleByArgument {
    let value: UUID
    init?(argument: String) {
        var text = argument.lowercased()
        if text.utf8.count == 32, text.utf8.allSatisfy({ $0 < 128 && $0 != UInt8(ascii: "-") }) {
            for offset in [20, 16, 12, 8] { text.insert("-", at: text.index(text.startIndex, offsetBy: offset)) }
        }
        guard let id = UUID(wire: text) else { return nil }
        value = id
    }
}

/// Where a running daemon is, and who asks it.
struct RemoteOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where its API is. Default: where the settings say that it listens, http://127.0.0.1:5000", valueName: "URL"
        ))
    var url: String?
    @Option(help: "The login of an account. Default: that of SIGHTLINE_LOGIN")
    var login: String?
    @Flag(help: "Read the password from the first line of standard input.")
    var passwordStdin = false
    @OptionGroup var options: SettingsOptions

    mutating func validate() throws {
        guard let url else { return }
        let scheme = URLComponents(string: url)?.scheme?.lowercased()
        guard scheme == "http" || scheme == "https" else {
            throw ValidationError("--url is '\(url)', but must begin with http:// or https://.")
        }
    }

    /// - Throws: when nobody says who asks.
    func jobs() throws -> RemoteJobs {
        let environment = ProcessInfo.processInfo.environment
        let url = try url ?? RemoteJobs.url(of: options.load())
        ProcessMemory.hideEnvironment(Settings.secretVariables + ["SIGHTLINE_PASSWORD", "SIGHTLINE_TOKEN"])
        return RemoteJobs(at: url, try credentials(environment, url))
    }
    private func credentials(_ environment: [String: String], _ url: String) throws -> RemoteCredentials? {
        func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if login == nil, !passwordStdin, let token = variable("SIGHTLINE_TOKEN") { return .token(token) }
        let password = passwordStdin ? readLine(strippingNewline: true) ?? "" : variable("SIGHTLINE_PASSWORD")
        if let login = login ?? variable("SIGHTLINE_LOGIN"), let password {
            return .password(login: login, password: password)
        }
        if login == nil, !passwordStdin, URLComponents(string: url)?.user != nil { return nil }
        throw ValidationError(
            "Nobody says who asks: set SIGHTLINE_LOGIN and SIGHTLINE_PASSWORD, or SIGHTLINE_TOKEN, or use --login with "
                + "--password-stdin.")
    }
}
