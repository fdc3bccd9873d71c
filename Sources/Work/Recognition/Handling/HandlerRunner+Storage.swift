import Foundation
import ObjectStore
import Records
import Scene
import Store

// What policies of storage say.
extension HandlerRunner {
    /// Keeps the samples of an event and the pictures that they come from. One for which there is no room is left out: a picture is worth
    /// less than its event.
    func keepSamples(of event: inout HandledEvent, _ order: Order) async throws {
        let storage = order.policies.storage, facts = event.facts
        for (number, person) in event.people.enumerated() {
            if let face = person.face {
                event.faceSamples[number] = try await keep(
                    face.sample, .faceSample, storage.faceSample, facts, order.account)
            }
            if let body = person.body {
                event.bodySamples[number] = try await keep(
                    body.sample, .bodySample, storage.bodySample, facts, order.account)
            }
            event.origins[number] = try await origin(of: person.picture, storage.imageOrigin, facts, order.account)
        }
    }
    /// - Returns: the sample that is stored; `nil` where none is.
    private func keep(
        _ sample: SeenPerson.Sample, _ kind: StoredObject.Kind, _ policy: StoragePolicy.Sample,
        _ facts: PolicyFilter.Facts, _ account: UUID
    ) async throws -> UUID? {
        switch sample {
        case .missing: return nil
        case .stored(let id): return id
        case .file(let file):
            guard policy.store.applies(to: facts) else { return nil }
            return try await keep(
                file,
                ObjectDraft(
                    accountID: account, kind: kind, contentType: file.contentType, lifetime: policy.lifetime))
        }
    }
    /// - Returns: `nil` where there is no room for it.
    private func keep(_ file: HandledPicture.File, _ draft: ObjectDraft) async throws -> UUID? {
        do {
            try await store.checkRoom(for: file.bytes.count, of: draft.accountID)
            let upload = store.upload()
            do { try await upload.append(file.bytes) } catch ObjectFileError.noRoom {
                throw StoreError.noRoomForObjects
            }
            return try await store.keep(upload, as: draft).id
        } catch let error as StoreError {
            switch error {
            case .quotaExceeded, .noRoomForObjects: return nil
            default: throw error
            }
        }
    }

    /// Where the picture is found that somebody was seen in. What was said of it goes before what the policy says, and all events of a picture
    /// share what is kept.
    private func origin(
        of picture: PictureFacts, _ policy: StoragePolicy.ImageOrigin, _ facts: PolicyFilter.Facts, _ account: UUID
    ) async throws -> String? {
        if let kept = picture.keptOrigin { return kept }
        let file: HandledPicture.File
        switch picture.origin {
        case .link(let link): return link
        case .file(let given): file = given
        case nil:
            guard policy.store.applies(to: facts) else { return nil }
            if policy.usesReferences, let link = picture.link { return link }
            guard let own = picture.file else { return nil }
            file = own
        }
        var draft = ObjectDraft(
            accountID: account, kind: .image, contentType: file.contentType, lifetime: policy.lifetime)
        draft.meta = picture.notes
        picture.keptOrigin = try await keep(file, draft).map { StoredObject.Kind.image.path(of: $0) }
        return picture.keptOrigin
    }

    /// Makes a temporary attribute and a face of what is known; neither where nobody is to be known again.
    func keepFeatures(of event: inout HandledEvent, _ order: Order) async throws {
        guard recognizes else { return }
        let storage = order.policies.storage, facts = event.facts, features = event.features
        if let features, storage.attribute.store.applies(to: facts) {
            event.attribute = try await store.createAttribute(
                features, lifetime: storage.attribute.lifetime, account: order.account
            ).id
        }
        guard storage.face.store.applies(to: facts) else { return }
        let sample = event.faceSamples.min { $0.key < $1.key }?.value
        let avatar = storage.face.setsAvatar ? sample.map { StoredObject.Kind.faceSample.path(of: $0) } : nil
        let details = FaceDetails(
            eventID: event.id, externalID: event.data.externalID, userData: event.data.userData, avatar: avatar ?? "")
        // A list may go while this is being done.
        for isLast in [false, false, true] {
            let lists = isLast ? [] : try await lists(storage.face, facts, order.account)
            do {
                event.face = try await store.createFace(
                    details, on: lists, features.map { FaceSource.features($0) }, account: order.account)
                return
            } catch StoreError.listNotFound where !isLast { continue }
        }
    }
    /// Those that a face is to be put on; one that has gone since the policies were checked is none.
    private func lists(
        _ policy: StoragePolicy.FacePolicy, _ facts: PolicyFilter.Facts, _ account: UUID
    ) async throws -> [UUID] {
        var lists: [UUID] = []
        for link in policy.lists where link.filter.passes(facts) && !lists.contains(link.list) {
            if try await store.list(id: link.list, account: account) != nil { lists.append(link.list) }
        }
        return lists
    }
}
