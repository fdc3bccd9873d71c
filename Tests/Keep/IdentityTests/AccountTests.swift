import Foundation
import KeepSupport
import Records
import Testing

@testable import Identity
import Store

@Suite(.onEachBackend) struct AccountTests {
    @Test func rightCredentialsGiveTheAccountAndWrongOnesNothing() async throws {
        let fixture = try await IdentityFixture()
        let identity = fixture.identity
        #expect(try await identity.authenticate(login: "one@example.org", password: "secret") == fixture.account)
        #expect(try await identity.authenticate(login: "one@example.org", password: "Secret") == nil)
        #expect(try await identity.authenticate(login: "two@example.org", password: "secret") == nil)
    }

    @Test func thePasswordIsStoredAsArgon2idOnly() async throws {
        let fixture = try await IdentityFixture()
        let hash = try await fixture.store.accountWithHash(login: "one@example.org")?.hash
        #expect(hash?.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$") == true)
    }

    @Test func aChangedPasswordEndsTheOldOneAtOnce() async throws {
        let fixture = try await IdentityFixture()
        let identity = fixture.identity
        _ = try await identity.authenticate(login: "one@example.org", password: "secret")
        #expect(identity.credentials.count == 1)
        #expect(try await identity.changeAccount(id: fixture.account.id, AccountChange(password: "other")) != nil)
        #expect(try await identity.authenticate(login: "one@example.org", password: "secret") == nil)
        #expect(try await identity.authenticate(login: "one@example.org", password: "other") != nil)
    }

    @Test func wrongCredentialsAreNotRemembered() async throws {
        let fixture = try await IdentityFixture()
        _ = try await fixture.identity.authenticate(login: "one@example.org", password: "wrong")
        #expect(fixture.identity.credentials.count == 0)
    }

    @Test func rememberedCredentialsExpireUnusedAndAreBounded() async throws {
        let account = try await IdentityFixture().account
        let cache = CredentialCache(capacity: 2, lifetime: .seconds(60))
        let start = ContinuousClock.now
        let keys = (0..<3).map { cache.key(login: "one@example.org", password: "secret\($0)") }
        cache.remember(account, for: keys[0], generation: 0, at: start)
        #expect(cache.knowledge(of: keys[0], at: start + .seconds(59)) == .right(account))
        #expect(cache.knowledge(of: keys[0], at: start + .seconds(118)) == .right(account))
        #expect(cache.knowledge(of: keys[0], at: start + .seconds(178)) == nil)
        for key in keys { cache.remember(account, for: key, generation: 0, at: start) }
        #expect(cache.count == 2)
    }

    @Test func aChangeForgetsItsAccountAndEveryMistakeButNoOtherAccount() async throws {
        let fixture = try await IdentityFixture()
        let other = try await fixture.identity.createAccount(login: "two@example.org", password: "secret", kind: .user)
        let cache = CredentialCache(capacity: 9, lifetime: .seconds(60))
        let keys = (0..<3).map { cache.key(login: "one@example.org", password: "secret\($0)") }
        cache.remember(fixture.account, for: keys[0], generation: 0)
        cache.remember(other, for: keys[1], generation: 0)
        cache.rememberMistake(keys[2], generation: 0)
        #expect(cache.knowledge(of: keys[2]) == .wrong)
        cache.drop(fixture.account.id)
        #expect(cache.knowledge(of: keys[0]) == nil)
        #expect(cache.knowledge(of: keys[1]) == .right(other))
        #expect(cache.knowledge(of: keys[2]) == nil)
        cache.remember(fixture.account, for: keys[0], generation: 0)
        cache.rememberMistake(keys[2], generation: 0)
        // Both were verified before the change.
        #expect(cache.knowledge(of: keys[0]) == nil && cache.knowledge(of: keys[2]) == nil)
    }

    @Test func loginAndPasswordCannotBeShiftedAgainstEachOther() {
        let cache = CredentialCache(capacity: 2, lifetime: .seconds(60))
        #expect(cache.key(login: "ab", password: "c") != cache.key(login: "a", password: "bc"))
    }

    @Test(arguments: [
        ("one@example.org", true), ("a_b-c.d9@host.io", true),
        ("One@example.org", false), ("one@exam-ple.org", false), ("one@mail.example.org", false),
        ("one@example.o", false),
        ("@example.org", false), ("one@", false), ("one", false), ("one@example", false), ("one@@example.org", false),
        (String(repeating: "a", count: 120) + "@example.org", false),
    ])
    func aLoginIsAnAddressOfTheKnownForm(login: String, isValid: Bool) {
        #expect(Account.isValid(login: login) == isValid)
    }

    @Test(arguments: ["ab", String(repeating: "a", count: 129), "two\nlines"])
    func aPasswordOfAnotherFormIsRefused(password: String) async throws {
        let fixture = try await IdentityFixture()
        await #expect(throws: IdentityError.invalidPassword) {
            try await fixture.identity.createAccount(login: "two@example.org", password: password, kind: .user)
        }
    }

    @Test func loginAndIDAreUnique() async throws {
        let fixture = try await IdentityFixture()
        await #expect(throws: StoreError.loginTaken("one@example.org")) {
            try await fixture.identity.createAccount(login: "one@example.org", password: "secret", kind: .user)
        }
        await #expect(throws: StoreError.accountIDTaken(fixture.account.id)) {
            try await fixture.identity.createAccount(
                id: fixture.account.id, login: "two@example.org", password: "secret", kind: .user)
        }
        #expect(try await fixture.store.accountCount() == 1)
    }
}
