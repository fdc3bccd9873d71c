import Foundation
import JSON
import KeepSupport
import Records
import Testing

@testable import Store

@Suite(.onEachBackend) struct VerifierTests {
    private let fixture: TemporaryStore
    private let store: Store
    private let account: UUID
    init() async throws {
        fixture = try await TemporaryStore()
        (store, account) = (fixture.store, fixture.account.id)
    }

    private static func policies(_ threshold: Double = 0.9) throws -> VerifierPolicies {
        try VerifierPolicies(JSONReader(["verification_threshold": .number(threshold)]))
    }

    @Test func aVerifierIsKeptAsItWasMade() async throws {
        let now = Date(timeIntervalSince1970: 1_700_000_000.125)
        let policies = try VerifierPolicies(
            JSONReader([
                "verification_threshold": 0.95,
                "detect_policy": ["multiface_policy": 0, "yaw_threshold": 30, "face_quality": ["estimate": 1]],
                "extract_policy": ["fd_score_threshold": 0.25],
                "storage_policy": ["face_sample_policy": ["store_sample": 1, "ttl": 7]],
            ]))
        let made = try await store.createVerifier(
            VerifierDetails(description: "door", policies: policies), account: account, at: now)
        #expect(made.version == 1 && made.createTime == now && made.lastUpdateTime == now)
        #expect(try await store.verifier(id: made.id, account: account) == made)
        #expect(try await store.verifier(id: made.id, account: nil) == made)
        #expect(try await store.verifier(id: made.id, account: UUID()) == nil)
        #expect(try await store.verifiers(Filter(accountID: account)) == [made])
    }

    @Test func replacingCountsUp() async throws {
        let made = try await store.createVerifier(
            VerifierDetails(description: "a", policies: Self.policies()), account: account,
            at: Date(timeIntervalSince1970: 1))
        let other = VerifierDetails(description: "b", policies: try Self.policies(0.5))
        #expect(try await store.replaceVerifier(id: made.id, other, account: UUID()) == nil)
        for version in 2...3 {
            #expect(try await store.replaceVerifier(id: made.id, other, account: account) == version)
        }
        let kept = try #require(try await store.verifier(id: made.id, account: account))
        #expect(kept.details == other && kept.version == 3 && kept.createTime == made.createTime)
        #expect(kept.lastUpdateTime > made.lastUpdateTime)
        #expect(try await !store.deleteVerifier(id: made.id, account: UUID()))
        #expect(try await store.deleteVerifier(id: made.id, account: account))
        #expect(try await !store.deleteVerifier(id: made.id, account: account))
    }

    @Test func theNewestComeFirstAndPartsOfTheirWordsFindThem() async throws {
        for name in ["north door", "south door", "gate"] {
            _ = try await store.createVerifier(
                VerifierDetails(description: name, policies: Self.policies()), account: account)
        }
        func names(_ filter: Filter<Verifier>, _ page: Page = Page()) async throws -> [String] {
            try await store.verifiers(filter, page: page).map(\.details.description)
        }
        #expect(try await names(Filter(accountID: account)) == ["gate", "south door", "north door"])
        #expect(try await names(Filter(accountID: account), Page(number: 2, size: 1)) == ["south door"])
        var filter = Filter<Verifier>(accountID: account)
        filter.require(.description, [.text("door")])
        #expect(try await names(filter) == ["south door", "north door"])
        #expect(try await store.verifierCount(filter) == 2)
        #expect(try await store.verifierCount(Filter(accountID: UUID())) == 0)
    }
}
