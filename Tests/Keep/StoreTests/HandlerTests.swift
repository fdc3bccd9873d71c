import Foundation
import JSON
import KeepSupport
import Records
import SQL
import Sealing
import Testing

@testable import Store

@Suite(.onEachBackend) struct HandlerTests {
    private let fixture: TemporaryStore
    private let store: Store
    private let account: UUID
    private let noon = TemporaryStore.noon
    init() async throws {
        fixture = try await TemporaryStore()
        (store, account) = (fixture.store, fixture.account.id)
    }

    private static func details(_ policies: JSONValue, _ description: String = "") throws -> HandlerDetails {
        HandlerDetails(description: description, policies: try HandlerPolicies(JSONReader(policies)))
    }
    private static let reporting: JSONValue = [
        "storage_policy": ["callbacks": [["type": "http", "url": "http://me:sesame@a.example/"]]]
    ]

    @Test func whatIsSaidOfAHandlerIsKeptSealed() async throws {
        let details = try Self.details(Self.reporting, "door")
        let made = try await store.createHandler(details, account: account, at: noon)
        let kept = try #require(try await store.handler(id: made.id, account: account))
        #expect(kept.details.description == "door" && kept.createTime == noon && kept.lastUpdateTime == noon)
        let policies = try #require(kept.details.policies)
        #expect(policies.detect == details.policies?.detect && policies.extract == details.policies?.extract)
        // What is left out of a callback is filled in when it is kept.
        let receivers = policies.storage.receivers.map(\.callback.endpoint)
        #expect(receivers == details.policies?.storage.receivers.map(\.callback.endpoint) && receivers.count == 1)
        let sealed = try await store.read {
            try $0.value("SELECT policies FROM handler WHERE policies IS NOT NULL") as [UInt8]?
        }
        #expect(try !String(decoding: #require(sealed), as: UTF8.self).contains("sesame"))
        let changed = HandlerDetails(description: "gate", policies: nil)
        #expect(try await store.replaceHandler(id: made.id, changed, account: account, at: noon + 1))
        let known = try #require(try await store.handler(id: made.id, account: nil))
        #expect(known.details == changed && known.createTime == noon && known.lastUpdateTime == noon + 1)
        try await store.changeKey(to: .random())
        #expect(try await store.handler(id: made.id, account: account) == known)
        #expect(try await store.deleteHandler(id: made.id, account: account))
        #expect(try await store.handler(id: made.id, account: account) == nil)
    }

    @Test func aHandlerThatIsNotOnesOwnIsNotThere() async throws {
        let other = try await fixture.createAccount("two@example.org").id
        let made = try await store.createHandler(try Self.details(Self.reporting), account: account)
        #expect(try await store.handler(id: made.id, account: other) == nil)
        #expect(try await !store.replaceHandler(id: made.id, made.details, account: other))
        #expect(try await !store.deleteHandler(id: made.id, account: other))
        #expect(try await store.handlers(Filter(accountID: other)).map(\.id) == [BuiltInHandler.id(of: other)])
        #expect(
            try await store.handlers(Filter(accountID: account)).map(\.id) == [made.id, BuiltInHandler.id(of: account)])
        #expect(try await store.handlerCount(Filter()) == 3)
    }

    @Test func listsThatAreNamedMustBeThere() async throws {
        let list = try await store.createList(account: account)
        func linking(_ list: UUID) throws -> HandlerDetails {
            try Self.details([
                "storage_policy": ["face_policy": ["link_to_lists_policy": [["list_id": .string(list.wire)]]]]
            ])
        }
        let made = try await store.createHandler(linking(list.id), account: account)
        let none = UUID()
        await #expect(throws: StoreError.listNotFound(none)) {
            try await store.createHandler(linking(none), account: account)
        }
        await #expect(throws: StoreError.listNotFound(none)) {
            try await store.replaceHandler(id: made.id, linking(none), account: account)
        }
        #expect(try await store.handler(id: made.id, account: account) == made)
        #expect(try await store.handlerCount(Filter(accountID: account)) == 2)
    }

    /// What a handler reports goes to its callback whether the event is stored or not, and in the handler's words.
    @Test(arguments: [true, false]) func whatAHandlerReportsIsDue(isStored: Bool) async throws {
        let callback = try Callback(JSONReader(["type": "http", "url": "http://a.example/"]))
        let handler = BuiltInHandler.id(of: account)
        let event = RawEvent(
            accountID: account, handlerID: handler, begin: noon, end: noon, members: ["source": "gate"],
            callbacks: [callback])
        if isStored { try await store.save(event, at: noon) } else { try await store.report(event, at: noon) }
        let lane = try #require(try await store.dueLanes(at: noon).first)
        let letter = try #require(try await store.nextLetter(of: lane.id))
        #expect(letter.subject == .generated(event: isStored ? event.id : nil, byHandler: handler))
        #expect(letter.callback == callback)
        let told = letter.body.value["events"]?.array
        #expect(told?.count == 1 && told?.first?["event_id"] == .string(event.id.wire))
        #expect(told?.first?["source"] == "gate")
        #expect(told?.first?["url"] == (isStored ? .string("/6/events/\(event.id.wire)") : .null))
        try await store.changeKey(to: .random())
        let again = try #require(try await store.dueLanes(at: noon).first)
        #expect(try await store.nextLetter(of: again.id)?.body == letter.body)
        try await store.settle(try #require(try await store.nextLetter(of: again.id)), .delivered, at: noon)
        #expect(try await store.deliveries(Filter(accountID: account)).isEmpty)
        if isStored {
            #expect(try await store.deliveries(ofEvent: event.id, account: account)?.delivered == 1)
        }
    }
}
