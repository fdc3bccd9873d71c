import Records
import Sealing
public import Setup
import Store

/// Gives the database another key, and leaves the one before nowhere. Cut off, it goes on with the next call.
/// - Parameter digits: the new key; `nil`: one is made, where the key lies in a file.
/// - Returns: what was done, in lines for a person.
/// - Throws: an error whose description is one sentence.
public func rotateKey(_ settings: Settings, to digits: String?) async throws -> [String] {
    try checkDatabaseIsThere(settings)
    let source = try settings.database.keys() ?? .beside(settings.daemon.dataFolder)
    var new: SealingKey?
    if let digits {
        guard let key = SealingKey(digits) else { throw KeyChangeError.noKey }
        new = key
    } else if case .given = source {
        throw KeyChangeError.isGiven
    }
    let keep = try buildKeep(settings)
    let former = keep.store.keyName
    do {
        try await keep.store.checkSpool(in: settings.daemon.dataFolder)
        try await keep.store.rotateKey(in: source, to: new)
    } catch {
        try? await keep.store.close()
        throw error
    }
    let name = keep.store.keyName
    try await keep.store.close()
    var lines = ["All secrets are sealed under the key \(name)\(former == name ? "" : ", no longer under \(former)")."]
    if case .given = source { lines.append("Start the daemon with the new key in SIGHTLINE_KEY.") }
    return lines + ["Backups from before need the key from before."]
}

/// Why the key was not changed.
enum KeyChangeError: Error, Hashable, CustomStringConvertible {
    case isGiven, noKey
    var description: String {
        switch self {
        case .isGiven: "The key comes from SIGHTLINE_KEY; give the new one on standard input, with --new-key-stdin"
        case .noKey:
            "The first line of standard input is no key; wanted are 64 hexadecimal digits (openssl rand -hex 32)"
        }
    }
}
