import Foundation
import KeepSupport
import Records
import Testing

@testable import Store

@Suite(.onEachBackend) struct BiometricLogTests {
    @Test func whoWasToldIsRememberedUntilItIsRemoved() async throws {
        let fixture = try await TemporaryStore(), store = fixture.store, account = fixture.account.id
        let reader = UUID(), noon = TemporaryStore.noon.storedTime
        let faces = [try await store.createFace(account: account), try await store.createFace(account: account)]
        let lines = [
            BiometricAccess.example(of: faces[0], at: noon),
            BiometricAccess.example(of: faces[1], by: reader, at: noon.addingTimeInterval(60)),
            BiometricAccess(
                reader: reader, token: nil, requestID: "1,2", action: .read, kind: .attribute, subject: UUID(),
                accountID: account, time: noon.addingTimeInterval(120)),
        ]
        try await store.note([])
        try await store.note([lines[0], lines[1]])
        try await store.note([lines[2]])
        func found(_ query: String? = nil, _ values: FieldValue..., of account: UUID?) async throws -> [BiometricAccess]
        {
            var filter = Filter<BiometricAccess>(accountID: account)
            if let query { filter.require(FilterField<BiometricAccess>.all.first { $0.query == query }!, values) }
            return try await store.biometricLog(filter)
        }
        #expect(try await found(of: account) == lines.reversed())
        #expect(try await found(of: nil) == lines.reversed())
        #expect(try await found(of: UUID()) == [])
        #expect(try await found("subject_ids", .id(faces[0].id), of: account) == [lines[0]])
        #expect(try await found("reader_ids", .id(reader), of: account) == [lines[2], lines[1]])
        #expect(try await found("time__gte", .time(noon.addingTimeInterval(60)), of: account) == [lines[2], lines[1]])
        #expect(try await store.biometricLog(Filter(), page: Page(number: 2, size: 2)) == [lines[0]])
        // It outlives what it is about.
        try await store.deleteFaces(faces.map(\.id), account: account)
        #expect(try await found(of: account).count == 3)
        #expect(try await store.deleteBiometricLog(before: noon.addingTimeInterval(60)) == 1)
        #expect(try await found(of: account) == [lines[2], lines[1]])
    }
}
