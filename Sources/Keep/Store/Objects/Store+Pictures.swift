import Foundation
import ObjectStore
import Records
import SQL
import Scene
import Synchronization

/// A picture whose file is on the disk, and whose row goes with its event.
struct KeptPicture: Hashable, Sendable {
    let id: UUID
    let kind: StoredObject.Kind
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
    /// Keeps the pictures of what is durable among `updates`, all at once. One for which there is no room is left out and counted: it
    /// is worth less than its event.
    /// - Returns: those that are kept, which are held until somebody lets go of them.
    func keepPictures(of updates: [EventUpdate], account: UUID, at now: Date) async -> [UUID: KeptPicture] {
        var seen: Set<UUID> = []
        let pictures = updates.filter { $0.change != .continued }.flatMap(\.event.pictures).filter {
            seen.insert($0.id).inserted
        }
        guard !pictures.isEmpty else { return [:] }
        let ids = pictures.map(\.id)
        tree.hold(ids)
        // The same picture at the beginning and at the end of its event.
        var stored = (try? await tree.existing(of: ids)) ?? []
        stored.formUnion(await keep(pictures.filter { !stored.contains($0.id) }, of: account))
        var kept: [UUID: KeptPicture] = [:]
        for picture in pictures where stored.contains(picture.id) {
            guard let size = try? picture.snapshot.bytes.count else { continue }
            let lifetime = picture.snapshot.lifetime
            kept[picture.id] = KeptPicture(
                id: picture.id, kind: picture.kind, contentType: picture.snapshot.mediaType.contentType, size: size,
                expiry: objectConfiguration.expiry(of: picture.kind, lifetime, from: now).map(Milliseconds.nearest))
        }
        tree.letGo(ids.filter { kept[$0] == nil })
        picturesDropped.add(ids.count - kept.count, ordering: .relaxed)
        return kept
    }
    /// - Returns: those that are on the disk.
    private func keep(_ pictures: [Event.Picture], of account: UUID) async -> Set<UUID> {
        guard !pictures.isEmpty, room.levelOfFiles == .ample else { return [] }
        var left = Int.max
        let quota = objectConfiguration.accountQuota
        if quota > 0 {
            left =
                quota
                - (await recentUsage.bytes(of: account) {
                    try await read { try $0.value("SELECT bytes FROM object_usage WHERE account_id = ?", [account]) }
                        ?? 0
                })
        }
        var files: [(id: UUID, bytes: [UInt8])] = []
        for picture in pictures {
            guard left > 0, let bytes = try? picture.snapshot.bytes, bytes.count <= left else { continue }
            left -= bytes.count
            files.append((picture.id, bytes))
        }
        guard !files.isEmpty else { return [] }
        let kept = await tree.keep(files)
        recentUsage.add(files.reduce(0) { $0 + (kept.contains($1.id) ? $1.bytes.count : 0) }, to: account)
        return kept
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
