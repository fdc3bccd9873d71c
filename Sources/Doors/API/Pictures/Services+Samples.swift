import Foundation
import ObjectStore
import Records
import Scene
import Store

extension Services {
    /// Of face samples.
    static let samplePolicy = SnapshotPolicy(mediaType: .jpeg, quality: 0.95, maximumSize: 0)

    /// Stores the aligned face of a picture.
    /// - Returns: the id of the sample.
    /// - Throws: `APIError` where it is one of this picture alone, as when there is no room for it.
    func keepFaceSample(
        _ bytes: [UInt8], _ type: String, of account: UUID, for lifetime: Lifetime? = nil
    ) async throws -> UUID {
        do {
            let upload = store.upload()
            do { try await upload.append(bytes) } catch { throw StoreError.noRoomForObjects }
            return try await store.keep(
                upload,
                as: ObjectDraft(accountID: account, kind: .faceSample, contentType: type, lifetime: lifetime)
            ).id
        } catch let error as StoreError {
            // Of this picture only where it is about its size.
            switch error {
            case .quotaExceeded, .noRoomForObjects: throw APIError(error) ?? .noRoomForObjects
            default: throw error
            }
        }
    }
}
