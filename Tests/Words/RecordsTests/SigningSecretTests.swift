import Foundation
import JSON
import Records
import Testing

struct SigningSecretTests {
    private static func text(_ count: Int) -> String {
        "whsec_" + Data((0..<count).map { UInt8($0) }).base64EncodedString()
    }
    private static func callback(_ secret: String) throws -> Callback {
        try Callback(
            JSONReader(["type": "http", "url": "https://a.example/", "params": ["secret": .string(secret)]]))
    }

    @Test(arguments: [24, 32, 64])
    func aSecretIsWhatItsBase64Says(count: Int) throws {
        let secret = try #require(try Self.callback(Self.text(count)).endpoint?.secret)
        #expect(secret.bytes == (0..<count).map { UInt8($0) })
        #expect("\(secret)" == "***" && !String(reflecting: secret).contains("whsec"))
    }

    @Test(arguments: [
        "", "whsec_", text(23), text(65), String(text(32).dropFirst(6)), "whsec_!\(text(32).dropFirst(6))",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(
            throws: JSONViolation(
                path: "params.secret", message: "Input should be 'whsec_' and the Base64 of 24 to 64 bytes")
        ) { try Self.callback(text) }
    }

    @Test func itIsHiddenWhereverTheCallbackIsShown() throws {
        let shown = try Self.callback(Self.text(32)).wire.withoutSecrets
        #expect(shown["params"] == ["secret": "***"])
    }
}
