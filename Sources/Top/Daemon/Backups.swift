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
        lines.append(
            "\(manifest.missingObjects) objects had no file, or one that is too short, and have none in the backup.")
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

/// Saves what can be read of a damaged embedded database.
/// - Parameter file: to be written; `nil`: what is saved takes the place of the database.
/// - Returns: what became of each table, in lines for a person.
/// - Throws: an error whose description is one sentence; then nothing has been changed.
public func recover(_ settings: Settings, to file: URL?) throws -> [String] {
    guard case .sqlite = try settings.database.choice() else { throw NotEmbedded() }
    try checkDatabaseIsThere(settings)
    let store = DamagedStore(in: settings.daemon.dataFolder, keys: try settings.database.keys())
    if let file {
        let (tables, isDamaged) = try store.recover(to: file)
        let place =
            isDamaged ? "What was saved is in \(file.path)." : "Nothing was damaged, and all of it is in \(file.path)."
        return lines(of: tables) + [place]
    }
    let (tables, damaged) = try store.recover()
    guard let damaged else { return ["Nothing is damaged; the database is as it was."] }
    return lines(of: tables) + ["What was saved is in its place, and the damaged file is \(damaged.path)."]
}

private func lines(of tables: [DamagedStore.Table]) -> [String] {
    tables.map { table in
        var line = "\(table.name): \(table.saved) saved"
        if !table.isCounted {
            line += table.lost > 0 ? ", at least \(table.lost) lost" : ", perhaps some lost that nobody can count"
        } else if table.lost > 0 {
            line += ", \(table.lost) lost"
        }
        if table.removed > 0 { line += ", \(table.removed) removed that are not whole or belong to what is lost" }
        return line
    }
}

/// Only a file of ours can be recovered by us.
private struct NotEmbedded: Error, CustomStringConvertible {
    let description =
        "The setting 'database' names a server, whose files are its own; restore a backup, or see PostgreSQL's manual"
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
