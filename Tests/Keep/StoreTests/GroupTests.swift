import Foundation
import KeepSupport
import Records
import Scene
@testable import Store
import Testing

@Suite(.onEachBackend) struct GroupTests {
    private let fixture: TemporaryStore
    private let store: Store
    private let account: UUID
    private let stranger: Account
    init() async throws {
        fixture = try await TemporaryStore()
        (store, account) = (fixture.store, fixture.account.id)
        stranger = try await fixture.createAccount("two@example.org")
    }

    private func groups(of stream: RegisteredStream) async throws -> [String]? {
        try await store.stream(id: stream.id, account: nil)?.groups
    }
    private func streams(in group: String, account: UUID?) async throws -> [UUID] {
        var filter = Filter<RegisteredStream>(accountID: account)
        filter.groupName = group
        let found = try await store.streams(filter, order: .oldestFirst).map(\.id)
        #expect(try await store.streamCount(filter) == found.count)
        return found
    }

    @Test func aNameIsTakenOnceInAnAccount() async throws {
        let group = try await store.createGroup(
            name: "hd", description: "sharp", account: account, at: TemporaryStore.noon)
        #expect((group.name, group.description, group.accountID) == ("hd", "sharp", account))
        #expect(group.createTime == TemporaryStore.noon)
        #expect(try await store.group(id: group.id, account: account) == group)
        await #expect(throws: StoreError.groupNameTaken("hd")) {
            try await store.createGroup(name: "hd", account: account)
        }
        _ = try await store.createGroup(name: "HD", account: account)
        _ = try await store.createGroup(name: "hd", account: stranger.id)
        #expect(try await store.groupCount(Filter<StreamGroup>(accountID: account)) == 2)
        #expect(try await store.groupCount(Filter<StreamGroup>()) == 3)
    }

    @Test func groupsAreListedOldestFirstFilteredAndPaged() async throws {
        var groups: [StreamGroup] = []
        for name in ["c", "a", "b"] { groups.append(try await store.createGroup(name: name, account: account)) }
        func names(_ page: Page = Page(), _ change: (inout Filter<StreamGroup>) -> Void = { _ in }) async throws
            -> [String]
        {
            var filter = Filter<StreamGroup>(accountID: account)
            change(&filter)
            return try await store.groups(filter, page: page).map(\.name)
        }
        #expect(try await names() == ["c", "a", "b"])
        #expect(try await names(Page(number: 2, size: 2)) == ["b"])
        #expect(try await names { $0.names = ["b", "c", "x"] } == ["c", "b"])
        #expect(try await names { $0.ids = [groups[1].id, UUID()] } == ["a"])
        #expect(try await names { ($0.ids, $0.names) = ([groups[1].id], ["b"]) } == [])
        #expect(try await names { $0.accountID = stranger.id } == [])
        #expect(try await names { $0.accountID = nil } == ["c", "a", "b"])
    }

    @Test func onlyTheOwnerChangesAGroup() async throws {
        let group = try await store.createGroup(name: "hd", account: account)
        #expect(try await store.group(id: group.id, account: stranger.id) == nil)
        #expect(try await !store.setDescription("x", ofGroup: group.id, account: stranger.id))
        #expect(try await !store.deleteGroup(id: group.id, account: stranger.id))
        #expect(try await store.setDescription("sharp", ofGroup: group.id, account: account))
        #expect(try await store.group(id: group.id, account: nil)?.description == "sharp")
        #expect(try await store.deleteGroup(id: group.id, account: account))
        #expect(try await store.group(id: group.id, account: account) == nil)
        #expect(try await !store.deleteGroup(id: group.id, account: account))
    }

    @Test func streamsGoInAndOutAllOrNone() async throws {
        let group = try await store.createGroup(name: "hd", account: account)
        let first = try await fixture.createStream(), second = try await fixture.createStream()
        let foreign = try await store.createStream(TemporaryStore.specification(), account: stranger.id)
        for missing in [UUID(), foreign.id] {
            for action in LinkAction.allCases {
                #expect(
                    try await store.link(action, streams: [first.id, missing], group: group.id, account: account)
                        == .streamNotFound(missing))
            }
        }
        #expect(try await groups(of: first) == [])
        let twice = [first.id, second.id, first.id]
        for _ in 1...2 {
            #expect(try await store.link(.attach, streams: twice, group: group.id, account: account) == .done)
            #expect(try await groups(of: first) == ["hd"])
        }
        #expect(try await streams(in: "hd", account: account) == [first.id, second.id])
        #expect(
            try await store.link(.detach, streams: [first.id, UUID()], group: group.id, account: account) != .done)
        #expect(try await groups(of: first) == ["hd"])
        for _ in 1...2 {
            #expect(try await store.link(.detach, streams: [first.id], group: group.id, account: account) == .done)
            #expect(try await streams(in: "hd", account: account) == [second.id])
        }
        #expect(try await store.link(.attach, streams: [], group: group.id, account: account) == .done)
    }

    @Test func nobodyLinksToAForeignGroup() async throws {
        let foreign = try await store.createGroup(name: "hd", account: stranger.id)
        let stream = try await fixture.createStream()
        #expect(
            try await store.link(.attach, streams: [stream.id], group: foreign.id, account: account) == .groupNotFound)
        await #expect(throws: StoreError.groupNotFound(.id(foreign.id))) {
            try await store.createStream(TemporaryStore.specification(), group: .id(foreign.id), account: account)
        }
        await #expect(throws: StoreError.groupNotFound(.named("hd"))) {
            try await store.createStream(TemporaryStore.specification(), group: .named("hd"), account: account)
        }
        #expect(try await store.streamCount(Filter<RegisteredStream>()) == 1)
    }

    @Test func aStreamIsBornIntoAGroupAndNamesItsGroupsInTheirOrder() async throws {
        let old = try await store.createGroup(name: "z-old", account: account)
        let new = try await store.createGroup(name: "a-new", account: account)
        let stream = try await store.createStream(
            TemporaryStore.specification(), group: .id(new.id), account: account, at: TemporaryStore.noon)
        #expect(stream.groups == ["a-new"])
        #expect(try await store.stream(id: stream.id, account: account) == stream)
        #expect(try await store.link(.attach, streams: [stream.id], group: old.id, account: account) == .done)
        #expect(try await groups(of: stream) == ["z-old", "a-new"])
        let named = try await store.createStream(
            TemporaryStore.specification(), group: .named("z-old"), account: account)
        #expect(try await store.streams(Filter<RegisteredStream>()).map(\.groups) == [["z-old"], ["z-old", "a-new"]])
        #expect(try await streams(in: "z-old", account: account) == [stream.id, named.id])
        #expect(try await streams(in: "none", account: account) == [])
    }

    @Test func ofAGroupOrAStreamThatGoesOnlyTheLinksGo() async throws {
        let group = try await store.createGroup(name: "hd", account: account)
        let kept = try await store.createStream(
            TemporaryStore.specification(), group: .id(group.id), account: account)
        let gone = try await store.createStream(
            TemporaryStore.specification(), group: .id(group.id), account: account)
        #expect(try await store.deleteStream(id: gone.id, account: account))
        #expect(try await streams(in: "hd", account: account) == [kept.id])
        #expect(try await store.deleteGroup(id: group.id, account: account))
        #expect(try await groups(of: kept) == [])
        _ = try await store.createGroup(name: "hd", account: account)
        #expect(try await streams(in: "hd", account: account) == [])
    }

    @Test func groupsOfOneNameInSeveralAccountsAreKeptApart() async throws {
        let mine = try await store.createGroup(name: "hd", account: account)
        let theirs = try await store.createGroup(name: "hd", account: stranger.id)
        let own = try await store.createStream(TemporaryStore.specification(), group: .id(mine.id), account: account)
        let foreign = try await store.createStream(
            TemporaryStore.specification(), group: .id(theirs.id), account: stranger.id)
        #expect(try await streams(in: "hd", account: account) == [own.id])
        #expect(try await streams(in: "hd", account: stranger.id) == [foreign.id])
        #expect(try await streams(in: "hd", account: nil) == [own.id, foreign.id])
    }
}
