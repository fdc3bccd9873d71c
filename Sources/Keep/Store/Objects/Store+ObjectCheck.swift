import Foundation
import ObjectStore
import Records
import SQL
import Synchronization

// What a killed process may have left: files that no row names, because it had not come to the row or had come past it; and after
// a disk that lied, rows whose file is not there.
extension Store {
    /// Ids that are looked at at once.
    private static let checkPortion = 500

    /// Looks through all objects, beside everything else, if files and rows may tell different things, and removes what has no
    /// other side.
    /// - Returns: how much was removed. 0 also while events wait for the database, whose pictures have no rows yet, and while a
    ///   backup is being made: then it is to be asked again.
    @discardableResult
    public func mendObjects() async throws -> Int {
        guard tree.isDoubtful, events.spooledCount == 0, !tree.isStill else { return 0 }
        guard try await claimObjects() else { return 0 }
        tree.trust()
        do {
            // What was asked for before, and its caller was told that nobody knows, is decided then.
            try await write { _ in }
            let files = try await removeOrphanedFiles()
            let rows = try await removeRowsWithoutFiles()
            if files + rows > 0 { report(.objectsMended(files: files, rows: rows)) }
            return files + rows
        } catch {
            tree.doubt()
            throw error
        }
    }

    /// Finds out whether the files of objects are this database's, and says so in them when there are none yet. To be called before
    /// anything is stored. Files of another database are not ours to remove.
    @discardableResult
    public func claimObjects() async throws -> Bool {
        if isOwnTree.load(ordering: .relaxed) { return true }
        let mark = try await write { connection in
            if let known: UUID = try connection.value("SELECT mark FROM object_tree") { return known }
            let new = UUID()
            try connection.execute("INSERT INTO object_tree (mark) VALUES (?)", [new])
            return new
        }
        let isUsed = try await read { try $0.value("SELECT 1 FROM object LIMIT 1") as Int? } != nil
        let owner: ObjectTree.Owner
        do { owner = try tree.owner(mark.wire, isUsed: isUsed) } catch { throw StoreError(files: error) }
        if owner != .own { report(.objectsOfAnother(isMarked: owner == .another)) }
        isOwnTree.store(owner == .own, ordering: .relaxed)
        return owner == .own
    }

    private func removeOrphanedFiles() async throws -> Int {
        var count = 0
        var position: ObjectTree.Position?
        repeat {
            // In this order: who was at work on a file when it was seen and is no longer has stored its row.
            let (ids, next) = try await tree.walk(from: position, limit: Self.checkPortion)
            position = next
            guard events.spooledCount == 0 else {
                tree.doubt()
                return count
            }
            let nobodys = tree.unheld(of: ids)
            let known = try await knownObjects(of: nobodys)
            count += await tree.remove(nobodys.filter { !known.contains($0) })
        } while position != nil
        return count
    }
    private func knownObjects(of ids: [UUID]) async throws -> Set<UUID> {
        guard let first = ids.first else { return [] }
        let width = 100  // one statement, prepared once
        return try await read { connection in
            var known: Set<UUID> = []
            for start in stride(from: 0, to: ids.count, by: width) {
                let portion = ids[start..<min(start + width, ids.count)]
                let wanted = Array(portion) + Array(repeating: first, count: width - portion.count)
                let places = Array(repeating: "?", count: width).joined(separator: ",")
                known.formUnion(
                    try connection.rows("SELECT id FROM object WHERE id IN (\(places))", wanted) { $0[0] as UUID })
            }
            return known
        }
    }

    private func removeRowsWithoutFiles() async throws -> Int {
        var count = 0, last = Int64.min
        while true {
            let rows: [(sequence: Int64, id: UUID)] = try await read { [last] in
                try $0.rows(
                    "SELECT sequence, id FROM object WHERE sequence > ? ORDER BY sequence LIMIT ?",
                    [last, Self.checkPortion]
                ) { ($0[0], $0[1]) }
            }
            guard let end = rows.last else { return count }
            let existing = try await tree.existing(of: rows.map(\.id))
            for row in rows where !existing.contains(row.id) {
                count += try await removeObjects(where: "sequence = ?", [row.sequence]).count
            }
            last = end.sequence
        }
    }
}
