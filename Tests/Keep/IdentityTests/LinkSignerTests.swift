import Foundation
import KeepSupport
import Records
import Testing

@testable import Identity

struct LinkSignerTests {
    private static let signer = LinkSigner(key: Data(repeating: 7, count: 32))
    private static let account = UUID()

    @Test func aLinkIsKnownAgainAndSaysWhoseItIs() {
        let signature = Self.signer.signature(of: Self.account, to: "/6/images/1")
        #expect(signature.count == 64 && signature.allSatisfy { $0.isLetter || $0.isNumber || "-_".contains($0) })
        #expect(Self.signer.account(of: signature, to: "/6/images/1") == Self.account)
    }

    @Test func whatIsNotExactlyThatIsNone() {
        let path = "/6/images/1"
        let signature = Self.signer.signature(of: Self.account, to: path)
        #expect(Self.signer.account(of: signature, to: "/6/images/2") == nil)
        #expect(LinkSigner(key: Data(repeating: 8, count: 32)).account(of: signature, to: path) == nil)
        for place in signature.indices {
            var changed = signature
            changed.replaceSubrange(place...place, with: signature[place] == "A" ? "B" : "A")
            #expect(Self.signer.account(of: changed, to: path) == nil)
        }
        for text in ["", "x", String(signature.dropLast()), signature + "A", String(repeating: "é", count: 32)] {
            #expect(Self.signer.account(of: text, to: path) == nil)
        }
    }

    /// Its key is kept as that of tokens is, of which the tests of sealing say that it outlives the key that it is sealed under.
    @Test func whoComesLaterKnowsTheLinksOfTheDatabase() async throws {
        let fixture = try await TemporaryStore(.sqlite)
        let account = fixture.account.id
        let signature = try await fixture.identity.linkSigner.signature(of: account, to: "/6/images/1")
        let later = try await Identity(store: fixture.store).linkSigner
        #expect(later.account(of: signature, to: "/6/images/1") == account)
    }
}
