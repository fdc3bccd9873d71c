public import Foundation
public import ObjectStore
public import Records
import SQL
public import Scene

/// Bytes that are to be stored, as whoever brings them describes them.
public struct ObjectDraft: Hashable, Sendable {
    public var accountID: UUID
    public var kind: StoredObject.Kind
    public var contentType: String
    public var meta: [String: String] = [:]
    /// `nil`: as the bucket has it.
    public var lifetime: Lifetime?
    /// Goes before the lifetime.
    public var expiry: Date?
    /// That it was sent for or results from, and goes with.
    public var jobID: UUID?
    public init(
        accountID: UUID, kind: StoredObject.Kind, contentType: String, meta: [String: String] = [:],
        lifetime: Lifetime? = nil
    ) {
        (self.accountID, self.kind, self.contentType) = (accountID, kind, contentType)
        (self.meta, self.lifetime) = (meta, lifetime)
    }
}

// Bytes lie in files, and rows say whose they are. A file comes before its row and goes after it, so whoever finds a row finds the
// bytes; what a killed process leaves is a file without a row, which `mendObjects` removes.
extension Store {
    /// A place for bytes on their way in; `keep` makes an object of them.
    public func upload() -> ObjectUpload { tree.upload() }

    /// Looks whether so many bytes more may be stored. They are counted for good when they are kept.
    /// - Parameter account: `nil`: they go when they have been read.
    /// - Throws: `quotaExceeded`, `noRoomForObjects`.
    public func checkRoom(for bytes: Int, of account: UUID?) async throws {
        guard room.levelOfFiles == .ample else { throw StoreError.noRoomForObjects }
        let quota = objectConfiguration.accountQuota
        guard quota > 0, let account else { return }
        let used = try await read {
            try $0.value("SELECT bytes FROM object_usage WHERE account_id = ?", [account]) as Int?
        }
        if (used ?? 0) + bytes > quota { throw StoreError.quotaExceeded(limit: quota) }
    }

    /// Makes an object of what has come. Returned from, it is on the disk.
    /// - Throws: `quotaExceeded`, `noRoomForObjects`; then nothing was stored.
    public func keep(
        _ upload: ObjectUpload, as draft: ObjectDraft, at now: Date = .now
    ) async throws -> StoredObject {
        let object = StoredObject(
            id: UUID(), accountID: draft.accountID, kind: draft.kind, contentType: draft.contentType, meta: draft.meta,
            size: upload.size, createTime: now.storedTime,
            expiry: draft.expiry?.storedTime
                ?? objectConfiguration.expiry(of: draft.kind, draft.lifetime, from: now.storedTime))
        tree.hold([object.id])
        defer { tree.letGo([object.id]) }
        do { try await tree.keep(upload, as: object.id) } catch { throw StoreError(files: error) }
        do {
            try await write { [quota = objectConfiguration.accountQuota] in
                try $0.insert(object, job: draft.jobID, quota: quota)
            }
        } catch let error as StoreError {
            // Of any other failure nobody knows whether the row is there.
            switch error {
            case .quotaExceeded, .jobIsOver: await tree.remove([object.id])
            default: tree.doubt()
            }
            throw error
        }
        return object
    }

    /// - Parameter account: whose it must be; `nil`: anybody's.
    public func object(
        id: UUID, kind: StoredObject.Kind, account: UUID?, at now: Date = .now
    ) async throws -> StoredObject? {
        let object = try await read {
            try $0.first(
                "SELECT \(StoredObject.columns) FROM object WHERE id = ? AND kind = ?", [id, kind.rawValue],
                StoredObject.init(row:))
        }
        guard let object, account == nil || object.accountID == account else { return nil }
        return object.expiry.map { $0 > now } ?? true ? object : nil
    }

    /// The first of some ids that is of no object of this kind and account.
    public func missingObject(
        of ids: [UUID], kind: StoredObject.Kind, account: UUID, at now: Date = .now
    ) async throws -> UUID? {
        guard !ids.isEmpty else { return nil }
        return try await read { connection in
            try ids.first { id in
                let found: Int? = try connection.value(
                    """
                    SELECT 1 FROM object WHERE id = ? AND kind = ? AND account_id = ? AND (expiry IS NULL OR expiry > ?)
                    """, [id, kind.rawValue, account, Milliseconds.nearest(now)])
                return found == nil
            }
        }
    }

    /// Looks whether all bytes of an object are there.
    /// - Returns: false when it has been deleted meanwhile.
    /// - Throws: `failed` where its file is missing or shorter than it was.
    public func hasFile(_ object: StoredObject) async throws -> Bool {
        do {
            let size = try await tree.size(of: object.id)
            guard size < object.size else { return true }
            throw StoreError.failed(
                reason: "the file of object \(object.id.wire) has \(size) of its \(object.size) bytes")
        } catch ObjectFileError.gone {
            guard try await self.object(id: object.id, kind: object.kind, account: nil) != nil else { return false }
            throw StoreError.failed(reason: "the file of object \(object.id.wire) is missing")
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError(files: error)
        }
    }
    /// Bytes of an object.
    /// - Returns: `nil` when it has been deleted meanwhile.
    public func bytes(_ range: Range<Int>, of object: StoredObject) async throws -> [UInt8]? {
        do {
            let bytes = try await tree.read(range, of: object.id)
            return bytes.count == range.count ? bytes : nil
        } catch ObjectFileError.gone {
            return nil
        } catch {
            throw StoreError(files: error)
        }
    }

    /// Its file, for those who can read nothing but files. Nothing is ever written there; it goes with the object.
    public func path(of object: StoredObject) -> String { tree.file(of: object.id) }

    /// Returns false when `account` has no such object.
    public func deleteObject(
        id: UUID, kind: StoredObject.Kind, account: UUID, at now: Date = .now
    ) async throws -> Bool {
        let removed = try await removeObjects(
            where: "id = ? AND kind = ? AND account_id = ? AND (expiry IS NULL OR expiry > ?)",
            [id, kind.rawValue, account, Milliseconds.nearest(now)])
        return removed.count == 1
    }

    @discardableResult
    func removeObjects(where clause: String, _ arguments: [any Bindable]) async throws -> RemovedObjects {
        try await removeObjects { connection in
            let removed = try connection.removeObjects(where: clause, arguments)
            return (removed, removed)
        }
    }
    /// Removes rows, and then their files.
    /// - Parameter rows: returns what is to be returned, and the objects whose rows it has removed.
    func removeObjects<Value: Sendable>(
        _ rows: @escaping @Sendable (any Connection) throws -> (Value, RemovedObjects)
    ) async throws -> Value {
        let (value, removed): (Value, RemovedObjects)
        do { (value, removed) = try await write(rows) } catch {
            tree.doubt()  // nobody knows whether the rows are there
            throw error
        }
        await tree.remove(removed.ids)
        if removed.count > 0 { room.measureAgain() }
        return value
    }
}

/// What all accounts have stored.
public struct ObjectTotals: Hashable, Sendable {
    public let count, bytes: Int
}

extension Store {
    public func objectTotals() async throws -> ObjectTotals {
        try await read {
            // PostgreSQL's sums are of a type of their own.
            try $0.first(
                """
                SELECT CAST(coalesce(sum(objects), 0) AS BIGINT), CAST(coalesce(sum(bytes), 0) AS BIGINT)
                FROM object_usage
                """
            ) {
                ObjectTotals(count: $0[0], bytes: $0[1])
            } ?? ObjectTotals(count: 0, bytes: 0)
        }
    }
}

extension StoreError {
    /// What the tree of files has thrown.
    init(files error: any Error) {
        self = error as? ObjectFileError == .noRoom ? .noRoomForObjects : .failed(reason: "\(error)")
    }
}
