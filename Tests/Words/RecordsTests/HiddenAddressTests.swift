import JSON
import Records
import Testing

/// Addresses that hide their secrets in odd places, and those that only seem to have some.
struct HiddenAddressTests {
    private static let addresses = [
        // A password that begins like a port; a scheme that is none.
        ("rtsp://a:1/canary@h/1", "rtsp://a:***@h/1"),
        ("rtsp://a:12?canary@127.0.0.1:1/", "rtsp://a:***@127.0.0.1:1/"),
        ("rtsp://bob.smith:12/canary@10.0.0.5/1", "rtsp://bob.smith:***@10.0.0.5/1"),
        ("rtsp:///a:canary@h/1", "rtsp:///a:***@h/1"), ("//a:canary@h/1", "//a:***@h/1"),
        ("rtsp//a:canary@h/1", "rtsp//a:***@h/1"), ("admin:canary@h/?u=http://i/", "admin:***@h/?u=http://i/"),
        ("rtsp://a%3Acanary@h/1", "rtsp://a%3A***@h/1"), ("rtsp://a:b%2540canary@h/1", "rtsp://a:***@h/1"),
        // A token in place of a user.
        ("rtsp://3f9canary8c@h/1", "rtsp://***@h/1"), ("https://CANARY@h/a", "https://***@h/a"),
        ("https://sk_canary:@h/a", "https://***:***@h/a"),
        // Names in odd case, encoded, with blanks, in quotes.
        ("http://h/?ToKen=canary&pAssword=canary", "http://h/?ToKen=***&pAssword=***"),
        ("http://h/?PassWORD=canary", "http://h/?PassWORD=***"), ("http://h/?passwd1=canary", "http://h/?passwd1=***"),
        ("http://h/?password%3Dcanary", "http://h/?password%3D***"),
        ("http://h/?usr=admin&pwd%3Dcanary&x=1", "http://h/?usr=admin&pwd%3D***&x=1"),
        ("http://h/?%2525252574oken=canary", "http://h/?%2525252574oken=***"),
        ("http://h/?t%6fken%20=canary", "http://h/?t%6fken%20=***"),
        ("http://h/?password =canary", "http://h/?password =***"),
        ("http://h/?\"password\"=canary", "http://h/?\"password\"=***"),
        ("http://h/?wowzatokenhash=canary&wowzatokenendtime=5", "http://h/?wowzatokenhash=***&wowzatokenendtime=5"),
        // Ends of values.
        ("http://h/?token=a;b=canary&x=1", "http://h/?token=***&x=1"),
        ("http://h/?token=\"a\"canary", "http://h/?token=***"), ("http://h/token=a?canary", "http://h/token=***"),
        ("http://h/token=a?x=1", "http://h/token=***?x=1"),
        ("http://h/?token=a%26canary&x=1", "http://h/?token=***&x=1"),
        (
            "http://h/?u=http%3A%2F%2Fi%2F%3Ftoken%3Dcanary%26b%3D1&x=1",
            "http://h/?u=http%3A%2F%2Fi%2F%3Ftoken%3D***%26b%3D1&x=1"
        ),
        // Links that are signed, numbers that open doors, secrets in paths.
        ("http://h/a?md5=canary&expires=9", "http://h/a?md5=***&expires=9"),
        ("http://h/a?st=canary-AbC&e=1", "http://h/a?st=***&e=1"),
        (
            "http://h/a?hash=canary&ticket=canary&pin=1234&code=canary",
            "http://h/a?hash=***&ticket=***&pin=***&code=***"
        ),
        ("http://h/token/canary/live?x=1", "http://h/token/***/live?x=1"),
        ("10.0.0.5/Access-Token/canary", "10.0.0.5/Access-Token/***"),
        ("http://h/key/canary4711abc/live", "http://h/key/***/live"),
    ]

    @Test(arguments: addresses)
    func theSecretGoesAndTheRestStays(address: String, expected: String) {
        #expect(Redaction.redacted(address, as: .address) == expected)
        #expect(Redaction.redacted(expected, as: .address) == expected)
        // In a sentence an address is known by its beginning, and ends at a blank.
        guard ["http", "rtsp:", "//"].contains(where: address.hasPrefix), !address.contains(" ") else { return }
        let sentence = Redaction.redacted("Cannot open '\(address)' now")
        #expect(!sentence.lowercased().contains("canary"), "\(sentence)")
    }
    @Test(arguments: addresses) func whatWasShownIsKept(address: String, shown: String) throws {
        let stored: JSONValue = ["data": ["reference": .string(address)]]
        #expect(try (["data": ["reference": .string(shown)]] as JSONValue).keepingSecrets(of: stored) == stored)
    }

    @Test(arguments: [
        "http://h/?code=200&st=1700000000&sth=canary1234", "/media/token/clip.mp4", "media/secret/clip.mp4",
        "http://h/v1/tokens/7", "http://h/auth/login", "http://h/session/7", "http://h/?spin=2&codec=h264&bypassed=1",
        "http://h/100%25/a%20b", "%", "%4", "%%%", "100%41",
    ])
    func whatIsNoSecretStays(address: String) { #expect(Redaction.redacted(address, as: .address) == address) }

    @Test func thePathOfARequestHasSegmentsToo() {
        #expect(Redaction.redacted("/token/canary/live", as: .path) == "/token/***/live")
        #expect(
            Redaction.redacted("/6/tokens/7/none/rtsp://u:canary@h", as: .path) == "/6/tokens/7/none/rtsp://u:***@h")
    }
    @Test func theUserOfAConnectionIsAName() {
        #expect(Redaction.redacted("postgres://svc_01@h/db", as: .connection) == "postgres://svc_01@h/db")
        #expect(Redaction.redacted("postgres://svc_01:canary@h/db", as: .connection) == "postgres://svc_01:***@h/db")
    }
}
