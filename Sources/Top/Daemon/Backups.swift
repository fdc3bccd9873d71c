public import Foundation
import Records
public import Setup
import Store

/// Makes a backup of the database and data directory of `settings`, which a daemon may be using.
/// - Returns: what was done, in lines for a person.
/// - Throws: an error whose description is one sentence; then there is no such folder.
public func backUp(_ settings: Settings, to folder: URL) async throws -> [String] {
    try checkDatabaseIsThere(settings)
    let manifest = try await backup(settings).make(at: folder)
    var lines = ["\(folder.path) holds \(summary(manifest))."]
    if manifest.missingObjects > 0 {
        lines.append("\(manifest.missingObjects) objects had no file, and have none in the backup.")
    }
    return lines + keyAdvice(manifest)
}

/// Puts a backup where the settings say that database and data directory are, and nothing is yet.
/// - Returns: what was done, in lines for a person.
/// - Throws: an error whose description is one sentence; then nothing has been changed.
public func restore(_ settings: Settings, from folder: URL) async throws -> [String] {
    let manifest = try await backup(settings).restore(from: folder)
    return ["\(settings.daemon.dataFolder.path) holds \(summary(manifest)) as of \(manifest.time.rfc3339)."]
}

private func backup(_ settings: Settings) throws -> Backup {
    Backup(
        of: settings.daemon.dataFolder, database: try settings.database.choice(), keys: try settings.database.keys())
}

private func summary(_ manifest: BackupManifest) -> String {
    func count(_ table: String) -> Int { manifest.rows[table] ?? 0 }
    return "\(count("account")) accounts, \(count("stream")) streams, \(count("event")) events and "
        + "\(manifest.objects) objects of \(manifest.objectBytes) bytes"
}

private func keyAdvice(_ manifest: BackupManifest) -> [String] {
    guard let key = manifest.key else { return [] }
    let place = manifest.keyFile.map { "lies in \($0)" } ?? "comes from SIGHTLINE_KEY"
    return ["Its secrets are sealed under the key \(key), which \(place) and is not in the backup: keep it elsewhere."]
}
