import Foundation
import KeepSupport
import Records
import Store
import Testing

@testable import Housekeeping

struct FaceSweepTests {
    private let noon = TemporaryStore.noon

    @Test func whatHasHadItsTimeGoesByItself() async throws {
        let fixture = try await TemporaryStore(.sqlite)
        let (store, account) = (fixture.store, fixture.account.id)
        let features = FaceFeatures(basic: BasicAttributes(age: 30))
        _ = try await store.createAttribute(features, lifetime: 60, account: account, at: noon)
        let list = try await store.createList(faceDays: 1, account: account, at: noon)
        let face = try await store.createFace(on: [list.id], .features(features), account: account, at: noon)
        try await store.note([
            BiometricAccess(
                reader: account, token: nil, requestID: "", action: .read, kind: .face, subject: face.id,
                accountID: account, time: noon)
        ])
        var configuration = BiometricLogConfiguration()
        configuration.days = 2
        let sweeps = [
            Sweep.attributes(of: store), .listedFaces(of: store),
            try #require(.biometricLog(of: store, configuration)),
        ]
        func run(after seconds: Double) async throws -> [Int] {
            var counts: [Int] = []
            for sweep in sweeps { counts.append(try await sweep.run(noon.addingTimeInterval(seconds))) }
            return counts
        }
        #expect(try await run(after: 59) == [0, 0, 0])
        #expect(try await run(after: 61) == [1, 0, 0])
        #expect(try await run(after: 86_401) == [0, 1, 0])
        #expect(try await run(after: 2 * 86_400 + 1) == [0, 0, 1])
        #expect(try await store.faceCount(Filter()) == 0)
        configuration.days = 0
        #expect(Sweep.biometricLog(of: store, configuration) == nil)
    }

    @Test func logsOfTheDatabaseAreCutOnceAfterAStart() async throws {
        let fixture = try await TemporaryStore(.sqlite)
        let sweep = Sweep.erasures(of: fixture.store)
        #expect(try await sweep.run(noon) == 1)
        #expect(try await sweep.run(noon) == 0)
    }
}
