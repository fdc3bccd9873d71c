import Foundation
import KeepSupport
import Records
import SQL
import Testing

@testable import Matching
@testable import Store

@Suite(.onEachBackend) struct MatchingTests {
    private static func createFace(
        _ store: TemporaryStore, _ descriptor: Descriptor?, _ details: FaceDetails = FaceDetails(),
        on lists: [UUID] = [], account: UUID? = nil
    ) async throws -> Face {
        try await store.store.createFace(
            details, on: lists, .features(.example(descriptor)), account: account ?? store.account.id)
    }
    /// The ids of the best, by an exhaustive search.
    private static func best(_ reference: Descriptor, _ known: [UUID: Descriptor], _ limit: Int) -> [UUID] {
        known.map { ($0.key, $0.value.cosine(to: reference)) }.sorted { $0.1 > $1.1 }.prefix(limit).map(\.0)
    }
    /// Whether the index holds what the table holds, by numbers and in 8 bits.
    static func expectAgreement(_ store: Store) async throws {
        try await store.loadDescriptors()
        let rows: [(Int64, QuantisedDescriptor?)] = try await store.read {
            try $0.rows("SELECT face_sequence, bytes FROM face_attribute JOIN descriptor ON id = descriptor_id", []) {
                ($0[0], $0.quantisedDescriptor(1))
            }
        }
        let table = try #require(store.descriptors.table)
        #expect(table.isConsistent && table.subjects == Set(rows.map(\.0)))
        for (face, descriptor) in rows {
            let portion = try #require(table.portions(of: [face]).first)
            let row = Int(try #require(portion.rows?.first))
            let codes = UnsafeBufferPointer(
                start: portion.block.codes + row * Descriptor.count, count: Descriptor.count)
            #expect(Array(codes) == descriptor?.codes && portion.block.subjects[row] == face)
        }
    }

    @Test func theMostAlikeAreFound() async throws {
        let store = try await TemporaryStore()
        var known: [UUID: Descriptor] = [:]
        for _ in 0..<60 {
            let descriptor = Descriptor.random()
            known[try await Self.createFace(store, descriptor).id] = descriptor
        }
        _ = try await Self.createFace(store, nil)
        let references = [Descriptor.random(), .random(), try #require(known.values.first)]
        let found = try await store.store.matches(
            references, among: Filter<Face>(accountID: store.account.id), MatchWish(limit: 5))
        for (reference, matches) in zip(references, found) {
            #expect(matches.map(\.face.id) == Self.best(reference, known, 5))
            for match in matches { #expect(match.cosine == known[match.face.id]?.cosine(to: reference)) }
        }
        #expect(found[2].first?.similarity ?? 0 > 0.999999 && found[2].first?.face.details == FaceDetails())
        #expect(store.store.descriptorsInMemory.faces == 60)
    }

    @Test func ofEqualOnesWhoWasMadeBeforeGoesFirst() async throws {
        let store = try await TemporaryStore(), one = Descriptor.random()
        var ids: [UUID] = []
        for _ in 0..<80 { ids.append(try await Self.createFace(store, one).id) }
        func found(_ wish: MatchWish) async throws -> [UUID] {
            try await store.store.matches([one], among: Filter<Face>(), wish)[0].map(\.face.id)
        }
        #expect(try await found(MatchWish(limit: 3)) == Array(ids[..<3]))
        #expect(try await found(MatchWish(order: .oldestFirst, limit: 70)) == Array(ids[..<70]))
        #expect(try await found(MatchWish(order: .newestFirst, limit: 3)) == ids.reversed()[..<3].map { $0 })
    }

    @Test func theThresholdIsInclusiveAndHoldsInEveryOrder() async throws {
        let store = try await TemporaryStore(), reference = Descriptor.random()
        var similarities: [UUID: Double] = [:]
        for part in [0, 0.2, 0.5, 0.8, 1] {
            let descriptor = Descriptor(
                zip(reference.values, Descriptor.random().values).map { Float(part) * $0 + Float(1 - part) * $1 })!
            similarities[try await Self.createFace(store, descriptor).id] = descriptor.similarity(to: reference)
        }
        let third = similarities.values.sorted(by: >)[2]
        for order in MatchOrder.allCases {
            let found = try await store.store.matches(
                [reference], among: Filter<Face>(), MatchWish(order: order, limit: 100, threshold: third))[0]
            #expect(Set(found.map(\.face.id)) == Set(similarities.filter { $0.value >= third }.keys))
        }
        let all = try await store.store.matches([reference], among: Filter<Face>(), MatchWish(limit: 100))[0]
        #expect(all.count == 5)
    }

    @Test func filtersDecideFirst() async throws {
        let store = try await TemporaryStore(), reference = Descriptor.random()
        let list = try await store.store.createList(account: store.account.id)
        let stranger = try await store.createAccount("two@example.org")
        let listed = try await Self.createFace(
            store, .random(), FaceDetails(externalID: "1", userData: "Ann"), on: [list.id])
        let other = try await Self.createFace(store, reference, FaceDetails(externalID: "2", userData: "Bea"))
        let foreign = try await Self.createFace(store, reference, account: stranger.id)
        func found(_ filter: Filter<Face>) async throws -> Set<UUID> {
            Set(try await store.store.matches([reference], among: filter, MatchWish(limit: 10))[0].map(\.face.id))
        }
        let own = store.account.id
        #expect(try await found(.of(own, .list, .id(list.id))) == [listed.id])
        #expect(try await found(.of(own, .externalIDs, .text("2"), .text("3"))) == [other.id])
        #expect(try await found(.of(own, .ids, .id(listed.id), .id(foreign.id))) == [listed.id])
        #expect(try await found(.of(nil, .ids, .id(listed.id), .id(foreign.id))) == [listed.id, foreign.id])
        #expect(try await found(Filter(accountID: own)) == [listed.id, other.id])
        #expect(try await found(Filter(accountID: stranger.id)) == [foreign.id])
        #expect(try await found(Filter()) == [listed.id, other.id, foreign.id])
        #expect(try await found(.of(own, .list, .id(UUID()))) == [])
        #expect(try await found(Filter(accountID: UUID())) == [])
    }

    @Test func whatIsDeletedOrReplacedIsNotFound() async throws {
        let store = try await TemporaryStore(), (first, second) = (Descriptor.random(), Descriptor.random())
        let face = try await Self.createFace(store, first), own = store.account.id
        /// Whether it is a face's, and not only like it; `nil` when there is no face.
        func isFound(_ reference: Descriptor) async throws -> Bool? {
            try await store.store.matches([reference], among: Filter<Face>(), MatchWish())[0].first.map {
                $0.similarity > 0.999999
            }
        }
        #expect(try await isFound(first) == true)
        let attribute = try await store.store.createAttribute(.example(second), account: own)
        #expect(try await store.store.setFeatures(.attribute(attribute.id), ofFace: face.id, account: own))
        #expect(try await isFound(second) == true)
        #expect(try await isFound(first) == false)
        #expect(try await store.store.deleteFeatures(ofFace: face.id, account: own))
        #expect(try await isFound(second) == nil)
        #expect(try await store.store.setFeatures(.features(.example(first)), ofFace: face.id, account: own))
        #expect(try await isFound(first) == true)
        // What is not carried out changes nothing.
        await #expect(throws: StoreError.self) {
            _ = try await store.store.setFeatures(.attribute(UUID()), ofFace: face.id, account: own)
        }
        #expect(try await isFound(first) == true)
        try await store.store.deleteFaces([face.id], account: own)
        #expect(try await isFound(first) == nil)
        #expect(store.store.descriptorsInMemory.faces == 0)
    }

    @Test func facesThatListsReleaseAreNotFound() async throws {
        let store = try await TemporaryStore(), own = store.account.id, reference = Descriptor.random()
        let list = try await store.store.createList(faceDays: 1, account: own)
        _ = try await store.store.createFace(
            on: [list.id], .features(.example(reference)), account: own, at: TemporaryStore.noon)
        try await store.store.loadDescriptors()
        #expect(try await store.store.releaseFaces(at: TemporaryStore.noon.addingTimeInterval(2 * 86_400)) == 1)
        #expect(store.store.descriptorsInMemory.faces == 0)
        #expect(try await store.store.matches([reference], among: Filter<Face>(), MatchWish())[0].isEmpty)
    }

    /// Random changes by several at once; then index and table hold the same, also when it is read anew.
    @Test(arguments: [false, true]) func indexAndTableAgree(isRead: Bool) async throws {
        let store = try await TemporaryStore(), own = store.account.id
        if isRead { try await store.store.loadDescriptors() }
        let list = try await store.store.createList(account: own)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    var ids: [UUID] = []
                    for _ in 0..<40 {
                        switch Int.random(in: 0..<7) {
                        case 0 where !ids.isEmpty:
                            let id = ids.remove(at: Int.random(in: ids.indices))
                            try await store.store.deleteFaces([id], account: own, ignoresMissing: true)
                        case 1 where !ids.isEmpty:
                            _ = try await store.store.setFeatures(
                                .features(.example()), ofFace: ids.randomElement()!, account: own)
                        case 2 where !ids.isEmpty:
                            _ = try await store.store.deleteFeatures(ofFace: ids.randomElement()!, account: own)
                        case 3: _ = try await store.store.matches([.random()], among: Filter<Face>(), MatchWish())
                        case 4:
                            _ = try await Self.createFace(store, .random(), on: [list.id])
                        default: ids.append(try await Self.createFace(store, .random()).id)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        try await Self.expectAgreement(store.store)
        try await store.store.deleteListsWithFaces([list.id], account: own)
        try await Self.expectAgreement(store.store)
        // Read anew, as at a start.
        store.store.descriptors.doubt()
        #expect(!store.store.descriptors.isKnown)
        try await Self.expectAgreement(store.store)
    }
}
