import Foundation
import KeepSupport
import Records
import Testing

@testable import Identity
import Store

@Suite(.onEachBackend) struct TokenTests {
    @Test func aTokenOutlivesARestartWithTheKeyThatSignedIt() async throws {
        let directory = TemporaryDirectory(), database = try Backend.current.database()
        let token = try await { () async throws -> Token in
            let store = try Store(directory: directory.url, database: database)
            let identity = Identity(store: store)
            let account = try await identity.createAccount(login: "one@example.org", password: "secret", kind: .user)
            let token = try await identity.createToken(TokenSpecification(), account: account.id)
            try await store.close()
            return token
        }()
        let store = try Store(directory: directory.url, database: database)
        guard case .valid(let found, _) = try await Identity(store: store).lookUp(jwt: token.jwt) else {
            Issue.record("the token is not known any more")
            return
        }
        #expect(found == token)
    }

    @Test func eachDatabaseHasAKeyOfItsOwn() async throws {
        let (one, two) = (try await IdentityFixture(), try await IdentityFixture())
        let token = try await one.identity.createToken(TokenSpecification(), account: one.account.id)
        guard case .corrupted = try await two.identity.lookUp(jwt: token.jwt) else {
            Issue.record("a token of another database was taken")
            return
        }
    }

    @Test func whatIsStoredComesBack() async throws {
        let fixture = try await IdentityFixture()
        let specification = TokenSpecification(
            description: "d", expirationTime: TemporaryStore.noon, visibility: .all,
            permissions: TokenPermissions(
                ["face": ["matching", "view"], "plugin": ["view"]],
                emitEvents: .init(isAllowed: false, whiteList: [UUID()])))
        let token = try await fixture.identity.createToken(
            specification, account: fixture.account.id, at: TemporaryStore.noon)
        #expect(try await fixture.store.token(id: token.id, account: nil) == token)
        #expect(try await fixture.store.token(id: token.id, account: UUID()) == nil)
        let custom = TokenSpecification(permissions: TokenPermissions(["plugin": ["view"]]))
        let replaced = try await fixture.identity.replaceToken(
            id: token.id, account: fixture.account.id, with: custom, at: TemporaryStore.noon + 1)
        #expect(replaced?.specification == custom && replaced?.lastUpdateTime == TemporaryStore.noon + 1)
        #expect(try await fixture.identity.replaceToken(id: token.id, account: UUID(), with: custom) == nil)
        #expect(try await fixture.store.deleteToken(id: token.id, account: UUID()) == false)
        #expect(try await fixture.store.tokens(Filter<Token>()).map(\.id) == [token.id])
    }

    @Test func aTokenExpiresAtItsTime() async throws {
        let fixture = try await IdentityFixture()
        let token = try await fixture.identity.createToken(
            TokenSpecification(expirationTime: TemporaryStore.noon), account: fixture.account.id)
        func isValid(at now: Date) async throws -> Bool {
            switch try await fixture.identity.lookUp(jwt: token.jwt, at: now) {
            case .valid(let found, let account):
                #expect(found == token && account == fixture.account)
                return true
            case .expired: return false
            case .unknown, .corrupted:
                Issue.record("the token is known")
                return false
            }
        }
        #expect(try await isValid(at: TemporaryStore.noon - 0.001))
        #expect(try await !isValid(at: TemporaryStore.noon))
    }

    @Test(arguments: ["", ".", "..", "a.b", "eyJhbGciOiJub25lIn0.e30.", String(repeating: "a", count: 5000)])
    func whatIsNoJWTIsCorrupted(text: String) async throws {
        let fixture = try await IdentityFixture()
        guard case .corrupted = try await fixture.identity.lookUp(jwt: text) else {
            Issue.record("\(text) was taken")
            return
        }
    }

    @Test func aJWTWithoutSignatureIsCorruptedWhateverItsHeaderSays() async throws {
        let fixture = try await IdentityFixture()
        let token = try await fixture.identity.createToken(TokenSpecification(), account: fixture.account.id)
        let payload = token.jwt.split(separator: ".")[1]
        let header = Data(#"{"typ":"JWT","alg":"none"}"#.utf8).base64EncodedString().replacing("=", with: "")
        guard case .corrupted = try await fixture.identity.lookUp(jwt: "\(header).\(payload).") else {
            Issue.record("an unsigned token was taken")
            return
        }
    }

    @Test(
        arguments: [
            (["face": ["view"]], ["face": ["view"]], nil),
            (["face": ["view"]], ["face": ["view", "creation"]], "creation"),
            (["plugin": ["view"]], ["face": []], "view"), (["face": []], ["plugin": ["view"]], "view"),
        ] as [([String: [String]], [String: [String]], String?)])
    func whatATokenLacksForAnotherIsNamed(own: [String: [String]], wanted: [String: [String]], missing: String?) {
        #expect(TokenPermissions(own).missing(for: TokenPermissions(wanted))?.action == missing)
    }

    @Test func listsOfHandlersOnlyEverNarrow() {
        let (one, two) = (UUID(), UUID())
        func covers(_ own: TokenPermissions.Use, _ wanted: TokenPermissions.Use) -> Bool {
            TokenPermissions(emitEvents: own).missing(for: TokenPermissions(emitEvents: wanted)) == nil
        }
        #expect(covers(.init(), .init(whiteList: [one])))
        #expect(covers(.init(whiteList: [one, two]), .init(whiteList: [one])))
        #expect(!covers(.init(whiteList: [one]), .init(whiteList: [one, two])))
        #expect(!covers(.init(whiteList: [one]), .init()))
        #expect(covers(.init(blackList: [one]), .init(blackList: [one, two])))
        #expect(covers(.init(blackList: [one]), .init(whiteList: [two])))
        #expect(!covers(.init(blackList: [one]), .init()))
        #expect(!covers(.init(isAllowed: false), .init()))
        #expect(covers(.init(isAllowed: false), .init(isAllowed: false)))
    }
}
