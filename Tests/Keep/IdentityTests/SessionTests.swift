import Foundation
import KeepSupport
import Records
import SQL
import Testing

@testable import Identity
@testable import Store

@Suite(.onEachBackend) struct SessionTests {
    private static let noon = TemporaryStore.noon

    private static func signIn(_ fixture: IdentityFixture, at now: Date = noon) async throws -> NewSession {
        try #require(
            try await fixture.identity.signIn(login: "one@example.org", password: "secret", at: now))
    }

    @Test func aSessionStandsForItsAccountForTwelveHours() async throws {
        let fixture = try await IdentityFixture()
        let begun = try await Self.signIn(fixture)
        #expect(begun.account == fixture.account && begun.session.expiry == Self.noon + 43_200)
        let found = try #require(try await fixture.identity.session(begun.secret, at: Self.noon + 43_199))
        #expect(found.account == fixture.account && found.session == begun.session)
        #expect(try await fixture.identity.session(begun.secret, at: Self.noon + 43_200) == nil)
    }

    @Test func wrongCredentialsBeginNone() async throws {
        let fixture = try await IdentityFixture()
        for (login, password) in [("one@example.org", "wrong"), ("two@example.org", "secret")] {
            #expect(try await fixture.identity.signIn(login: login, password: password) == nil)
        }
        #expect(try await Self.count(fixture) == 0)
    }

    @Test(arguments: ["", "a", "ä", String(repeating: "a", count: 43), String(repeating: "\u{0}", count: 43)])
    func whatNobodyWasGivenIsNoSession(text: String) async throws {
        let fixture = try await IdentityFixture()
        _ = try await Self.signIn(fixture)
        #expect(try await fixture.identity.session(text, at: Self.noon) == nil)
        #expect(try await fixture.identity.signIn(code: text, at: Self.noon) == nil)
    }

    @Test func theDatabaseDoesNotKnowTheSecret() async throws {
        let fixture = try await IdentityFixture()
        let begun = try await Self.signIn(fixture)
        let digests = try await fixture.store.read {
            try $0.rows("SELECT digest FROM session", []) { $0[0] as [UInt8] }
        }
        #expect(digests.count == 1 && digests[0].count == 32)
        let secret = try #require(
            Data(base64Encoded: begun.secret.replacing("-", with: "+").replacing("_", with: "/") + "="))
        #expect(Data(digests[0]) != secret && digests[0] != Array(begun.secret.utf8))
    }

    @Test func whoSignsOutIsOutAndNobodyElse() async throws {
        let fixture = try await IdentityFixture()
        let (one, two) = (try await Self.signIn(fixture), try await Self.signIn(fixture))
        #expect(one.secret != two.secret)
        try await fixture.identity.endSession(one.secret)
        try await fixture.identity.endSession(one.secret)
        #expect(try await fixture.identity.session(one.secret, at: Self.noon) == nil)
        #expect(try await fixture.identity.session(two.secret, at: Self.noon) != nil)
    }

    @Test func aNewPasswordEndsSessionsAndCodesOfItsAccountAndNothingElseDoes() async throws {
        let fixture = try await IdentityFixture(), identity = fixture.identity
        let other = try await identity.createAccount(login: "two@example.org", password: "secret", kind: .user)
        let another = try #require(
            try await identity.signIn(login: other.login, password: "secret", at: Self.noon))
        let begun = try await Self.signIn(fixture)
        let code = try #require(try await identity.makeCode(for: fixture.account, at: Self.noon))
        _ = try await identity.changeAccount(id: fixture.account.id, AccountChange(description: "new"))
        #expect(try await identity.session(begun.secret, at: Self.noon)?.account.description == "new")

        _ = try await identity.changeAccount(id: fixture.account.id, AccountChange(password: "other"))
        #expect(try await identity.session(begun.secret, at: Self.noon) == nil)
        #expect(try await identity.signIn(code: code.secret, at: Self.noon) == nil)
        #expect(try await identity.session(another.secret, at: Self.noon) != nil)
    }

    /// Its password may have been another when it was looked at.
    @Test func anAccountThatHasChangedMeanwhileIsGivenNone() async throws {
        let fixture = try await IdentityFixture()
        _ = try await fixture.identity.changeAccount(id: fixture.account.id, AccountChange(password: "other"))
        #expect(try await fixture.identity.makeCode(for: fixture.account) == nil)
        #expect(try await Self.count(fixture) == 0)
    }

    @Test func aCodeSignsInOnceWithinAnHour() async throws {
        let fixture = try await IdentityFixture(), identity = fixture.identity
        let code = try #require(try await identity.makeCode(for: fixture.account, at: Self.noon))
        #expect(try await identity.session(code.secret, at: Self.noon) == nil)
        let begun = try #require(try await identity.signIn(code: code.secret, at: Self.noon + 3599))
        #expect(begun.session.expiry == Self.noon + 3599 + 43_200 && begun.account == fixture.account)
        #expect(try await identity.signIn(code: code.secret, at: Self.noon + 3599) == nil)
        #expect(try await identity.session(begun.secret, at: Self.noon + 3600) != nil)
        #expect(try await identity.signIn(code: begun.secret, at: Self.noon) == nil)

        let late = try #require(try await identity.makeCode(for: fixture.account, at: Self.noon))
        #expect(try await identity.signIn(code: late.secret, at: Self.noon + 3600) == nil)
    }

    @Test func ofManyWhoUseACodeAtOnceOneIsLetIn() async throws {
        let fixture = try await IdentityFixture(), identity = fixture.identity
        let code = try #require(try await identity.makeCode(for: fixture.account))
        let begun = try await withThrowingTaskGroup(of: NewSession?.self) { group in
            for _ in 0..<20 { group.addTask { try await identity.signIn(code: code.secret) } }
            return try await group.reduce(into: 0) { $0 += $1 == nil ? 0 : 1 }
        }
        let count = try await Self.count(fixture)
        #expect(begun == 1 && count == 1)
    }

    @Test func anAccountHasSoManySessionsAndTheOldestGoes() async throws {
        let fixture = try await IdentityFixture()
        let code = try #require(try await fixture.identity.makeCode(for: fixture.account, at: Self.noon))
        var sessions: [NewSession] = []
        for _ in 0...Store.sessionLimit { sessions.append(try await Self.signIn(fixture)) }
        #expect(try await Self.count(fixture) == Store.sessionLimit + 1)
        #expect(try await fixture.identity.session(sessions[0].secret, at: Self.noon) == nil)
        #expect(try await fixture.identity.session(sessions[1].secret, at: Self.noon) != nil)
        #expect(try await fixture.identity.signIn(code: code.secret, at: Self.noon) != nil)
    }

    @Test func whatHasExpiredIsSweptAway() async throws {
        let fixture = try await IdentityFixture()
        let begun = try await Self.signIn(fixture)
        _ = try await fixture.identity.makeCode(for: fixture.account, at: Self.noon)
        #expect(try await fixture.store.deleteExpiredSessions(at: Self.noon + 3599) == 0)
        #expect(try await fixture.store.deleteExpiredSessions(at: Self.noon + 3600) == 1)
        #expect(try await fixture.identity.session(begun.secret, at: Self.noon + 3600) != nil)
        #expect(try await fixture.store.deleteExpiredSessions(at: Self.noon + 43_200) == 1)
    }

    @Test func aSessionOutlivesARestart() async throws {
        let directory = TemporaryDirectory(), database = try Backend.current.database()
        let store = try Store(directory: directory.url, database: database)
        let identity = Identity(store: store)
        _ = try await identity.createAccount(login: "one@example.org", password: "secret", kind: .user)
        let begun = try #require(try await identity.signIn(login: "one@example.org", password: "secret"))
        try await store.close()
        let next = try Store(directory: directory.url, database: database)
        #expect(try await Identity(store: next).session(begun.secret)?.account == begun.account)
    }

    private static func count(_ fixture: IdentityFixture) async throws -> Int? {
        try await fixture.store.read { try $0.value("SELECT count(*) FROM session") }
    }
}
