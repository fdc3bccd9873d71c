public import Foundation

extension ChildProcess {
    /// How a program ended that was run to its end.
    public struct Outcome: Sendable {
        /// Its exit status or, negative, the signal that it died of.
        public let status: Int32
        public let output: Data
        public let errors: String
    }
    /// It ended with another status than 0.
    public struct Failed: Error, CustomStringConvertible {
        public let command: [String], outcome: Outcome
        public var description: String {
            "'\(command.joined(separator: " "))' ended with \(outcome.status): \(outcome.errors)"
        }
    }

    /// Runs a program to its end and gives what it wrote.
    public static func run(
        _ command: [String], in folder: URL? = nil, environment: [String: String]? = nil, input: Data? = nil
    ) async throws -> Outcome {
        let (process, papers) = try start(command, in: folder, environment: environment, input: input)
        return try papers.outcome(await process.end())
    }
    /// Runs a program that must succeed; blocks the thread.
    /// - Returns: what it wrote.
    @discardableResult
    public static func output(of command: [String], in folder: URL? = nil, input: Data? = nil) throws -> Data {
        let (process, papers) = try start(command, in: folder, environment: nil, input: input)
        let outcome = try papers.outcome(process.waitForEnd())
        guard outcome.status == 0 else { throw Failed(command: command, outcome: outcome) }
        return outcome.output
    }

    /// Files without a name, lest a full pipe holds up the program.
    private struct Papers {
        let input: FileHandle?, output: FileHandle, errors: FileHandle
        init(_ input: Data?) throws {
            self.input = try input.map {
                let file = try Self.file()
                try file.write(contentsOf: $0)
                try file.seek(toOffset: 0)
                return file
            }
            (output, errors) = (try Self.file(), try Self.file())
        }
        private static func file() throws -> FileHandle {
            let path = FileManager.default.temporaryDirectory.appending(path: "sightline-papers-\(UUID())").path
            let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
            unlink(path)
            return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        }
        func outcome(_ status: Int32) throws -> Outcome {
            try output.seek(toOffset: 0)
            try errors.seek(toOffset: 0)
            return Outcome(
                status: status, output: try output.readToEnd() ?? Data(),
                errors: String(decoding: try errors.readToEnd() ?? Data(), as: UTF8.self))
        }
    }
    private static func start(
        _ command: [String], in folder: URL?, environment: [String: String]?, input: Data?
    ) throws -> (ChildProcess, Papers) {
        let papers = try Papers(input)
        return (
            try ChildProcess(
                command, in: folder, environment: environment, input: papers.input, output: papers.output,
                errors: papers.errors),
            papers
        )
    }
}
