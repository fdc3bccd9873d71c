public import ObjectStore
public import Records
public import Store

/// A part of an object.
public struct ObjectPart: Hashable, Sendable {
    public let object: StoredObject
    public let range: Range<Int>
    public init(_ object: StoredObject, _ range: Range<Int>) { (self.object, self.range) = (object, range) }
}

/// Puts parts of objects together, a portion at a time.
/// - Returns: `nil` when one of them went meanwhile.
/// - Throws: `StoreError`.
public func join(_ parts: [ObjectPart], in store: Store) async throws -> ObjectUpload? {
    let upload = store.upload(), portion = 1 << 20, betweenLooks = 64 << 20
    var nextLook = 0
    for part in parts {
        for start in stride(from: part.range.lowerBound, to: part.range.upperBound, by: portion) {
            if upload.size >= nextLook {
                try await store.checkRoom(for: 0, of: nil)
                nextLook += betweenLooks
            }
            let range = start..<min(start + portion, part.range.upperBound)
            guard let bytes = try await store.bytes(range, of: part.object) else { return nil }
            do { try await upload.append(bytes) } catch ObjectFileError.noRoom { throw StoreError.noRoomForObjects }
        }
    }
    return upload
}
