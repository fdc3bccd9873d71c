import Foundation
import KeepSupport
import Records
import Testing

@testable import Store

@Suite(.onEachBackend) struct FaceTests {
    private let fixture: TemporaryStore
    private let store: Store
    private let account: UUID
    private let stranger: UUID
    private let noon = TemporaryStore.noon
    init() async throws {
        fixture = try await TemporaryStore()
        (store, account) = (fixture.store, fixture.account.id)
        stranger = try await fixture.createAccount("two@example.org").id
    }

    @Test func aFaceIsKeptAsItWasDescribed() async throws {
        let lists = [try await store.createList(account: account), try await store.createList(account: account)]
        let details = FaceDetails(eventID: UUID(), externalID: "17", userData: "Ānna", avatar: "/6/images/1")
        let face = try await store.createFace(
            details, on: [lists[1].id, lists[0].id, lists[1].id], account: account, at: noon)
        #expect(face.details == details && face.accountID == account && face.createTime == noon)
        #expect(face.lists == lists.map(\.id))
        #expect(try await store.face(id: face.id, account: account) == face)
        #expect(try await store.face(id: face.id, account: nil) == face)
        #expect(try await store.face(id: face.id, account: stranger) == nil)
        let plain = try await store.createFace(account: account)
        #expect(plain.details == FaceDetails() && plain.lists == [])
        #expect(try await store.features(ofFace: plain.id, account: account)?.features == nil)
    }

    @Test func whatItNamesMustBeThereAndItsOwners() async throws {
        let theirs = try await store.createList(account: stranger)
        let mine = try await store.createList(account: account, at: noon)
        for list in [theirs.id, UUID()] {
            await #expect(throws: StoreError.listNotFound(list)) {
                try await store.createFace(on: [mine.id, list], account: account)
            }
        }
        let attribute = try await store.createAttribute(.example(), account: stranger)
        for id in [attribute.id, UUID()] {
            await #expect(throws: StoreError.attributeNotFound(id)) {
                try await store.createFace(on: [mine.id], .attribute(id), account: account)
            }
        }
        #expect(try await store.faceCount(Filter()) == 0)
        #expect(try await store.list(id: mine.id, account: account)?.lastUpdateTime == noon)
    }

    @Test func facesAreFoundByWhatIsSaidOfThem() async throws {
        var faces: [Face] = []
        let list = try await store.createList(account: account), event = UUID()
        for number in 0..<5 {
            faces.append(
                try await store.createFace(
                    FaceDetails(
                        eventID: number == 2 ? event : nil, externalID: "\(number / 2)", userData: "person \(number)"),
                    on: number > 2 ? [list.id] : [], account: account,
                    at: noon.addingTimeInterval(Double(number))))
        }
        _ = try await store.createFace(FaceDetails(externalID: "1", userData: "person"), account: stranger)
        func numbers(_ filter: Filter<Face>, _ page: Page = Page()) async throws -> [Int] {
            let found = try await store.faces(filter, page: page)
            if page == Page() { #expect(try await store.faceCount(filter) == found.count) }
            return found.map { face in faces.firstIndex { $0.id == face.id } ?? -1 }
        }
        func numbers(_ query: String, _ values: FieldValue...) async throws -> [Int] {
            var filter = Filter<Face>(accountID: account)
            filter.require(FilterField<Face>.all.first { $0.query == query }!, values)
            return try await numbers(filter)
        }
        #expect(try await numbers(Filter(accountID: account)) == [4, 3, 2, 1, 0])
        #expect(try await numbers(Filter(accountID: account), Page(number: 2, size: 2)) == [2, 1])
        #expect(try await numbers(Filter()) == [-1, 4, 3, 2, 1, 0])
        #expect(try await numbers("face_ids", .id(faces[1].id), .id(UUID()), .id(faces[3].id)) == [3, 1])
        #expect(try await numbers("external_ids", .text("1"), .text("2")) == [4, 3, 2])
        #expect(try await numbers("user_data", .text("on 3")) == [3])
        #expect(try await numbers("event_id", .id(event)) == [2])
        #expect(try await numbers("list_id", .id(list.id)) == [4, 3])
        #expect(try await numbers("create_time__gte", .time(noon.addingTimeInterval(3))) == [4, 3])
        #expect(try await numbers("create_time__lt", .time(noon.addingTimeInterval(1))) == [0])
        // By their ids, as texts, when these are bounded.
        let sorted = faces.indices.sorted { faces[$0].id.wire < faces[$1].id.wire }
        #expect(try await numbers("face_id__gte", .id(faces[sorted[1]].id)) == Array(sorted[1...]))
        #expect(try await numbers("face_id__lt", .id(faces[sorted[3]].id)) == Array(sorted[..<3]))
    }

    @Test func onlyItsOwnerChangesAFace() async throws {
        let face = try await store.createFace(FaceDetails(externalID: "1"), account: account)
        #expect(try await !store.changeFace(id: face.id, account: stranger) { $0.userData = "x" })
        #expect(try await !store.setFeatures(.features(.example()), ofFace: face.id, account: stranger))
        #expect(try await !store.deleteFeatures(ofFace: face.id, account: stranger))
        await #expect(throws: StoreError.faceNotFound(face.id)) {
            try await store.deleteFaces([face.id], account: stranger)
        }
        #expect(try await store.changeFace(id: face.id, account: account) { $0.userData = "x" })
        #expect(
            try await store.face(id: face.id, account: nil)?.details == FaceDetails(externalID: "1", userData: "x"))
        #expect(try await store.deleteFaces([face.id, face.id], account: account) == 1)
        #expect(try await store.face(id: face.id, account: nil) == nil)
    }

    @Test func facesGoAllOrNoneUnlessMissingOnesDoNotMatter() async throws {
        var ids: [UUID] = []
        for _ in 0..<3 { ids.append(try await store.createFace(account: account).id) }
        let missing = UUID(), theirs = try await store.createFace(account: stranger).id
        for id in [missing, theirs] {
            await #expect(throws: StoreError.faceNotFound(id)) {
                try await store.deleteFaces([ids[0], id], account: account)
            }
        }
        #expect(try await store.faceCount(Filter(accountID: account)) == 3)
        #expect(
            try await store.deleteFaces([ids[0], missing, theirs, ids[2]], account: account, ignoresMissing: true) == 2)
        #expect(try await store.faces(Filter()).map(\.id) == [theirs, ids[1]])
    }

    // MARK: What they look like

    @Test func aFaceHasTheFeaturesThatItWasGivenLast() async throws {
        let first = FaceFeatures.example(), second = FaceFeatures(basic: BasicAttributes(age: 40))
        let face = try await store.createFace(.init(), .features(first), account: account, at: noon)
        func features() async throws -> FeaturesOfFace? {
            let found = try #require(try await store.features(ofFace: face.id, account: account))
            #expect(found.owner == account)
            return found.features
        }
        #expect(
            try await features() == FeaturesOfFace(accountID: account, createTime: noon, features: first))
        #expect(try await store.features(ofFace: face.id, account: stranger) == nil)
        #expect(try await store.features(ofFace: UUID(), account: nil) == nil)
        let later = noon.addingTimeInterval(60)
        #expect(try await store.setFeatures(.features(second), ofFace: face.id, account: account, at: later))
        #expect(
            try await features() == FeaturesOfFace(accountID: account, createTime: later, features: second))
        #expect(try await store.countOfFacesWithFeatures(account: account) == 1)
        #expect(try await store.countOfFacesWithFeatures(account: stranger) == 0)
        #expect(try await store.countOfFacesWithFeatures(account: nil) == 1)
        for _ in 0..<2 { #expect(try await store.deleteFeatures(ofFace: face.id, account: account)) }
        #expect(try await features() == nil)
        #expect(try await store.countOfFacesWithFeatures(account: nil) == 0)
    }

    @Test func whatATemporaryAttributeHoldsIsCopied() async throws {
        let features = FaceFeatures.example()
        let attribute = try await store.createAttribute(features, lifetime: 10, account: account, at: noon)
        let face = try await store.createFace(.init(), .attribute(attribute.id), account: account, at: noon)
        #expect(try await store.features(ofFace: face.id, account: account)?.features?.features == features)
        #expect(try await store.attribute(id: attribute.id, account: account, at: noon) == attribute)
        // One that has expired is none, and then the face keeps what it has.
        let later = noon.addingTimeInterval(10)
        await #expect(throws: StoreError.attributeNotFound(attribute.id)) {
            try await store.setFeatures(.attribute(attribute.id), ofFace: face.id, account: account, at: later)
        }
        #expect(try await store.features(ofFace: face.id, account: account)?.features?.features == features)
    }
}
