import Foundation
import KeepSupport
import Records
import Testing

@testable import Store

@Suite(.onEachBackend) struct FaceListTests {
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

    private func faces(on list: FaceList, _ account: UUID? = nil) async throws -> [UUID] {
        let filter = Filter<Face>.of(account, .list, .id(list.id))
        let found = try await store.faces(filter).map(\.id)
        #expect(try await store.faceCount(filter) == found.count)
        return found.reversed()
    }
    private func updated(_ list: FaceList) async throws -> Date? {
        try await store.list(id: list.id, account: nil)?.lastUpdateTime
    }

    @Test func listsAreFoundByWhatIsSaidOfThem() async throws {
        var lists: [FaceList] = []
        for (number, name) in ["guests", "staff", "staff of the night", ""].enumerated() {
            lists.append(
                try await store.createList(
                    userData: name, faceDays: number == 1 ? 30 : nil, account: account,
                    at: noon.addingTimeInterval(Double(number))))
        }
        let theirs = try await store.createList(userData: "staff", account: stranger)
        #expect(try await store.list(id: lists[1].id, account: account) == lists[1])
        #expect(lists[1].faceDays == 30 && lists[1].createTime == lists[1].lastUpdateTime)
        #expect(try await store.list(id: theirs.id, account: account) == nil)
        func numbers(_ query: String, _ values: FieldValue...) async throws -> [Int] {
            var filter = Filter<FaceList>(accountID: account)
            filter.require(FilterField<FaceList>.all.first { $0.query == query }!, values)
            let found = try await store.lists(filter)
            #expect(try await store.listCount(filter) == found.count)
            return found.map { list in lists.firstIndex { $0.id == list.id } ?? -1 }
        }
        #expect(try await store.lists(Filter(accountID: account)).map(\.id) == lists.reversed().map(\.id))
        #expect(
            try await store.lists(Filter(accountID: account), page: Page(number: 2, size: 3)).map(\.id) == [lists[0].id]
        )
        #expect(try await numbers("user_data", .text("staff")) == [2, 1])
        #expect(try await numbers("user_data__eq", .text("staff")) == [1])
        #expect(try await numbers("user_data__eq", .text("")) == [3])
        #expect(try await numbers("list_ids", .id(lists[0].id), .id(theirs.id)) == [0])
        #expect(try await numbers("create_time__gte", .time(noon.addingTimeInterval(2))) == [3, 2])
        let later = noon.addingTimeInterval(60)
        #expect(
            try await store.changeList(id: lists[0].id, account: account, at: later) { data, days in
                (data, days) = ("all", 7)
            })
        #expect(try await !store.changeList(id: theirs.id, account: account) { data, _ in data = "mine" })
        #expect(try await numbers("last_update_time__gte", .time(later)) == [0])
        #expect(try await numbers("last_update_time__lt", .time(later)) == [3, 2, 1])
        let changed = try #require(try await store.list(id: lists[0].id, account: nil))
        #expect((changed.userData, changed.faceDays, changed.createTime) == ("all", 7, noon))
        let sorted = lists.indices.sorted { lists[$0].id.wire < lists[$1].id.wire }
        #expect(try await numbers("list_id__lt", .id(lists[sorted[2]].id)) == Array(sorted[..<2]))
    }

    @Test func facesComeAndGoAllOrNone() async throws {
        let list = try await store.createList(account: account, at: noon)
        let theirs = try await store.createList(account: stranger)
        let first = try await store.createFace(account: account).id,
            second = try await store.createFace(account: account).id
        let foreign = try await store.createFace(account: stranger).id
        func link(_ action: LinkAction, _ faces: [UUID], _ list: FaceList, after seconds: Double) async throws
            -> Bool
        {
            try await store.link(
                action, faces: faces, list: list.id, account: account, at: noon.addingTimeInterval(seconds))
        }
        for missing in [UUID(), foreign] {
            for action in LinkAction.allCases {
                await #expect(throws: StoreError.facesNotFound(missing)) {
                    try await link(action, [first, missing], list, after: 1)
                }
            }
        }
        #expect(try await !link(.attach, [first], theirs, after: 1))
        #expect(try await faces(on: list) == [])
        #expect(try await updated(list) == noon)
        #expect(try await link(.attach, [first, second, first], list, after: 2))
        #expect(try await faces(on: list, account) == [first, second])
        #expect(try await faces(on: list, stranger) == [])
        #expect(try await updated(list) == noon.addingTimeInterval(2))
        // What is so already changes nothing.
        #expect(try await link(.attach, [second], list, after: 3))
        #expect(try await updated(list) == noon.addingTimeInterval(2))
        #expect(try await link(.detach, [first], list, after: 4))
        #expect(try await updated(list) == noon.addingTimeInterval(4))
        #expect(try await faces(on: list) == [second])
        #expect(try await store.face(id: second, account: nil)?.lists == [list.id])
        // A face that is removed leaves its lists.
        try await store.deleteFaces([second], account: account, at: noon.addingTimeInterval(5))
        #expect(try await faces(on: list) == [])
        #expect(try await updated(list) == noon.addingTimeInterval(5))
    }

    @Test func listsGoWithoutTheirFacesOrWithThem() async throws {
        let lists = [
            try await store.createList(account: account), try await store.createList(account: account),
            try await store.createList(account: account),
        ].map(\.id)
        let theirs = try await store.createList(account: stranger).id
        let alone = try await store.createFace(on: [lists[0]], account: account).id
        let both = try await store.createFace(on: [lists[0], lists[1]], account: account).id
        let other = try await store.createFace(on: [lists[1]], account: account).id
        for missing in [theirs, UUID()] {
            await #expect(throws: StoreError.listNotFound(missing)) {
                try await store.deleteLists([lists[0], missing], account: account)
            }
            await #expect(throws: StoreError.listNotFound(missing)) {
                try await store.deleteListsWithFaces([lists[0], missing], account: account)
            }
        }
        #expect(try await store.faceCount(Filter()) == 3)
        try await store.deleteLists([lists[2], lists[2]], account: account)
        #expect(try await store.deleteListsWithFaces([lists[0]], account: account) == 2)
        #expect(try await store.faces(Filter()).map(\.id) == [other])
        #expect(try await store.lists(Filter(accountID: account)).map(\.id) == [lists[1]])
        try await store.deleteLists([lists[1]], account: account)
        #expect(try await store.face(id: other, account: account)?.lists == [])
        #expect(try await store.face(id: alone, account: account) == nil)
        #expect(try await store.face(id: both, account: account) == nil)
    }

    @Test func aLongListGoesInPortions() async throws {
        let list = try await store.createList(account: account)
        for _ in 0..<Store.faceDeletionLimit + 3 { _ = try await store.createFace(on: [list.id], account: account) }
        let count = Store.faceDeletionLimit + 3
        #expect(try await store.deleteListsWithFaces([list.id], account: account) == count)
        #expect(try await store.listCount(Filter()) == 0)
        #expect(try await store.faceCount(Filter()) == 0)
    }

    // MARK: For how long

    @Test func aFaceStaysAsLongAsOneOfItsListsKeepsIt() async throws {
        let week = try await store.createList(faceDays: 7, account: account, at: noon)
        let month = try await store.createList(faceDays: 30, account: account, at: noon)
        let ever = try await store.createList(account: account, at: noon)
        func face(_ lists: FaceList..., after days: Double = 0) async throws -> UUID {
            try await store.createFace(
                on: lists.map(\.id), .features(.example()), account: account,
                at: noon.addingTimeInterval(days * 86_400)
            ).id
        }
        let brief = try await face(week), late = try await face(week, after: 3), long = try await face(week, month)
        let kept = try await face(week, ever), free = try await face()
        func release(after days: Double) async throws -> Int {
            try await store.releaseFaces(at: noon.addingTimeInterval(days * 86_400))
        }
        func left() async throws -> Set<UUID> { Set(try await store.faces(Filter()).map(\.id)) }
        #expect(try await release(after: 6.99) == 0)
        #expect(try await release(after: 7) == 3)
        #expect(try await left() == [late, long, kept, free])
        #expect(try await faces(on: week) == [late])
        #expect(try await updated(week) == noon.addingTimeInterval(7 * 86_400))
        #expect(try await release(after: 10) == 1)
        #expect(try await release(after: 31) == 1)
        #expect(try await left() == [kept, free])
        #expect(try await faces(on: ever) == [kept])
        #expect(try await store.features(ofFace: brief, account: nil) == nil)
        // A list that is given days later counts from when its faces came.
        #expect(try await store.changeList(id: ever.id, account: account) { _, days in days = 1 })
        #expect(try await release(after: 32) == 1)
        #expect(try await left() == [free])
    }
}
