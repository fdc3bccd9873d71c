import Foundation
import Records

/// The arguments and variables that the process was started with, where the kernel shows them to others: `/proc/PID/cmdline`
/// and `/proc/PID/environ`.
public enum ProcessMemory {
    /// The arguments without the program's name. Secrets of addresses among them are overwritten where others see them.
    public static func takeArguments() -> [String] {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard let places else { return arguments }
        for argument in split(places.arguments) {
            let text = String(decoding: argument, as: UTF8.self)
            for secret in Redaction.placesOfSecrets(in: text) where secret.upperBound <= argument.count {
                for index in secret { argument[index] = UInt8(ascii: "*") }
            }
        }
        return arguments
    }

    /// Takes variables away from the process, from what others see and from its children.
    public static func hideEnvironment(_ names: [String]) {
        if let places {
            for variable in split(places.environment) {
                guard let name = names.first(where: { variable.starts(with: "\($0)=".utf8) }) else { continue }
                for index in (name.utf8.count + 1)..<max(variable.count, name.utf8.count + 1) {
                    variable[index] = UInt8(ascii: "*")
                }
            }
        }
        for name in names { unsetenv(name) }
    }

    private typealias Bytes = UnsafeMutableBufferPointer<UInt8>

    /// Where the kernel reads both: the fields 48 to 51 of `/proc/self/stat` (proc(5)).
    private static var places: (arguments: Bytes, environment: Bytes)? {
        guard let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            let name = stat.lastIndex(of: ")")
        else { return nil }
        let fields = stat[name...].split(separator: " ").dropFirst().map(String.init)  // from the third on
        guard fields.count > 48 else { return nil }
        func bytes(from start: Int, to end: Int) -> Bytes? {
            guard let start = UInt(fields[start - 3]), let end = UInt(fields[end - 3]), 0 < start, start < end else {
                return nil
            }
            return Bytes(start: UnsafeMutablePointer(bitPattern: start), count: Int(end - start))
        }
        guard let arguments = bytes(from: 48, to: 49), let environment = bytes(from: 50, to: 51) else { return nil }
        return (arguments, environment)
    }
    /// Texts that end with a zero each, without it.
    private static func split(_ bytes: Bytes) -> [Bytes] {
        bytes.split(separator: 0).map { Bytes(rebasing: $0) }
    }
}
