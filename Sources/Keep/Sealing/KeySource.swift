public import Foundation

/// Where the key comes from that secrets at rest are sealed under.
public enum KeySource: Sendable {
    /// A file with the key, made when it is needed for the first time. Lines after the first hold keys before it, while a
    /// database is given another.
    case file(URL)
    /// The environment.
    case given(SealingKey)

    /// Beside a data directory, not inside: a copy of one alone opens nothing.
    public static func beside(_ directory: URL) -> KeySource {
        .file(directory.deletingLastPathComponent().appendingPathComponent(directory.lastPathComponent + ".key"))
    }

    /// The keys at hand, the newest first; none when there is no file yet.
    public func keys() throws(KeyError) -> [SealingKey] {
        switch self {
        case .given(let key): [key]
        case .file(let file): try KeyFile.read(file)
        }
    }
    /// Keeps keys in place of those that are there. What is given by the environment is kept by who gave it.
    public func write(_ keys: [SealingKey]) throws(KeyError) {
        if case .file(let file) = self { try KeyFile.write(keys, to: file) }
    }

    /// For messages: where the keys were looked for, and what they are called.
    public func description(of keys: [SealingKey]) -> String {
        let names = keys.map(\.name).joined(separator: " and ")
        return switch self {
        case .given: "SIGHTLINE_KEY holds the key \(names)"
        case .file(let file) where keys.isEmpty: "the key file \(file.path) is not there"
        case .file(let file): "the key file \(file.path) holds the key \(names)"
        }
    }
}

/// Why secrets at rest cannot be read or written; each case is a sentence, and none holds a key.
public enum KeyError: Error, Hashable, Sendable, CustomStringConvertible {
    case unusableFile(path: String, reason: String)
    /// Others may read the file.
    case openToOthers(path: String, mode: String)
    case noKey(path: String, line: Int)
    /// The database was sealed under another key than those at hand.
    case wrongKey(found: String, wanted: String)
    /// Something that ought to be sealed was written by somebody else, or broken.
    case damaged

    public var description: String {
        switch self {
        case .unusableFile(let path, let reason): "The key file \(path) cannot be used: \(reason)"
        case .openToOthers(let path, let mode):
            "The key file \(path) has the mode \(mode), but must be open to its owner alone: chmod 600 \(path)"
        case .noKey(let path, let line):
            "Line \(line) of the key file \(path) is no key; wanted are 64 hexadecimal digits, as it was made"
        case .wrongKey(let found, let wanted):
            "The secrets in the database are sealed under the key \(wanted), but \(found); restore that key from your backup, "
                + "or name the file that holds it in the setting 'key_file'"
        case .damaged:
            "A sealed secret in the database cannot be opened: it is damaged, or does not belong where it lies"
        }
    }
}
