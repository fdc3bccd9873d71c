import Foundation
import ObjectStore
import Records
import SQL
import Scene
import Synchronization

/// A picture whose file is on the disk, and whose row goes with its event.
struct KeptPicture: Hashable, Sendable {
    let id: UUID
    let contentType: String
    /// In bytes.
    let size: Int
    /// In milliseconds.
    let expiry: Int64?
}

/// What each account has stored, as it was a moment ago: pictures come often, and need not be exact.
final class RecentUsage: Sendable {
    private struct Entry {
        var bytes: Int
        let until: ContinuousClock.Instant
    }
    private let entries = Mutex<[UUID: Entry]>([:])

    /// - Parameter look: asks the database.
    func bytes(of account: UUID, _ look: () async throws -> Int) async -> Int {
        if let known = entries.withLock({ $0[account] }), known.until > .now { return known.bytes }
        guard let bytes = try? await look() else { return entries.withLock { $0[account]?.bytes } ?? 0 }
        entries.withLock { $0[account] = Entry(bytes: bytes, until: .now + .seconds(1)) }
        return bytes
    }
    func add(_ bytes: Int, to account: UUID) { entries.withLock { $0[account]?.bytes += bytes } }
}

// Pictures of events are objects. Their bytes come before the event, and their rows with it.
extension Store {
    /// Keeps the pictures of what is durable among `updates`. One for which there is no room is left out and counted: it is worth
    /// less than its event.
    /// - Returns: those that are kept, which are held until somebody lets go of them.
    func keepPictures(of updates: [EventUpdate], account: UUID, at now: Date) async -> [UUID: KeptPicture] {
        let pictures = updates.filter { $0.change != .continued }.flatMap(\.event.pictures)
        guard !pictures.isEmpty else { return [:] }
        var kept: [UUID: KeptPicture] = [:]
        for picture in pictures where kept[picture.id] == nil {
            let snapshot = picture.snapshot
            tree.hold([picture.id])
            guard await keep(snapshot.bytes, as: picture.id, of: account) else {
                tree.letGo([picture.id])
                picturesDropped.add(1, ordering: .relaxed)
                continue
            }
            kept[picture.id] = KeptPicture(
                id: picture.id, contentType: snapshot.mediaType.contentType, size: snapshot.bytes.count,
                expiry: objectConfiguration.expiry(of: .image, snapshot.lifetime, from: now).map(Milliseconds.nearest))
        }
        return kept
    }
    private func keep(_ bytes: [UInt8], as id: UUID, of account: UUID) async -> Bool {
        guard room.levelOfFiles == .ample else { return false }
        // The same picture at the beginning and at the end of its event.
        if let existing = try? await tree.existing(of: [id]), existing.contains(id) { return true }
        let quota = objectConfiguration.accountQuota
        if quota > 0 {
            let used = await recentUsage.bytes(of: account) {
                try await read { try $0.value("SELECT bytes FROM object_usage WHERE account_id = ?", [account]) } ?? 0
            }
            guard used + bytes.count <= quota else { return false }
        }
        do { try await tree.keep(bytes, as: id) } catch { return false }
        recentUsage.add(bytes.count, to: account)
        return true
    }
}

extension Store {
    /// Removes the files of pictures that stood only until a better one came; their rows went with the event's end.
    /// - Parameter isStored: whether that end is in the database.
    func forgetPictures(replacedBy batch: EventBatch, isStored: Bool) async {
        let replaced = openPictures.withLock { open in
            batch.changes.flatMap { change -> [UUID] in
                let current = change.pictures.map(\.id)
                if change.isClosing {
                    return (open.removeValue(forKey: change.id) ?? []).filter { !current.contains($0) }
                }
                if !change.isTold, !current.isEmpty { open[change.id] = current }
                return []
            }
        }
        guard !replaced.isEmpty else { return }
        if isStored { await tree.remove(replaced) } else { tree.doubt() }
    }
}
