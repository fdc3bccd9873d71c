import Foundation
import KeepSupport
import Records
import Testing

@testable import Store

@Suite(.onEachBackend) struct AttributeTests {
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

    @Test(arguments: [
        FaceFeatures.example(), FaceFeatures.example(nil), FaceFeatures(descriptor: .random()),
        FaceFeatures(basic: BasicAttributes(gender: 1)),
    ])
    func anAttributeIsKeptAsItCame(features: FaceFeatures) async throws {
        let attribute = try await store.createAttribute(features, lifetime: 7, account: account, at: noon)
        #expect(attribute.features == features && attribute.createTime == noon)
        #expect(attribute.expiry == noon.addingTimeInterval(7))
        #expect(try await store.attribute(id: attribute.id, account: account, at: noon) == attribute)
        #expect(try await store.attribute(id: attribute.id, account: nil, at: noon) == attribute)
        #expect(try await store.attribute(id: attribute.id, account: stranger, at: noon) == nil)
        #expect(try await !store.deleteAttribute(id: attribute.id, account: stranger))
        #expect(try await store.deleteAttribute(id: attribute.id, account: account))
        #expect(try await !store.deleteAttribute(id: attribute.id, account: account))
        #expect(try await store.attribute(id: attribute.id, account: nil, at: noon) == nil)
    }

    @Test func oneThatHasExpiredIsNotThereWhetherItWasRemovedOrNot() async throws {
        var attributes: [FaceAttribute] = []
        for lifetime in [1, 300, 86_400] {
            attributes.append(
                try await store.createAttribute(.example(), lifetime: lifetime, account: account, at: noon))
        }
        var filter = Filter<FaceAttribute>(accountID: account)
        filter.require(.ids, attributes.map { .id($0.id) } + [.id(UUID())])
        func found(after seconds: Double) async throws -> [FaceAttribute] {
            try await store.attributes(filter, at: noon.addingTimeInterval(seconds))
        }
        #expect(try await found(after: 0.9) == attributes)
        #expect(try await found(after: 1) == Array(attributes[1...]))
        #expect(try await found(after: 299.9) == Array(attributes[1...]))
        #expect(try await found(after: 86_400) == [])
        #expect(try await store.deleteExpiredAttributes(at: noon.addingTimeInterval(0.9)) == 0)
        #expect(try await store.deleteExpiredAttributes(at: noon.addingTimeInterval(300)) == 2)
        #expect(try await found(after: 0) == [attributes[2]])
    }
}
