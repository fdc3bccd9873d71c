import Addresses
import DoorSupport
import HTTPTypes
import Hummingbird
import Testing

@testable import HTTPEdge

/// Who a client is behind proxies, and what of it is made up.
struct ForwardingTests {
    private static let trusted = [NetworkRange("127.0.0.0/8")!, NetworkRange("10.0.0.0/8")!, NetworkRange("fd00::/8")!]

    private static func way(_ peer: String, _ headers: [(String, String)]) -> Forwarding {
        var fields = HTTPFields()
        for (name, value) in headers { fields.append(HTTPField(name: HTTPField.Name(name)!, value: value)) }
        return Forwarding(peer: NetworkAddress(peer), headers: fields, trusted: trusted)
    }

    @Test(arguments: [
        ([("X-Forwarded-For", "203.0.113.7")], "203.0.113.7"),
        ([("X-Forwarded-For", "203.0.113.7:4711")], "203.0.113.7"),
        ([("X-Forwarded-For", "198.51.100.1, 203.0.113.7, 10.0.0.2")], "203.0.113.7"),
        ([("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-For", "203.0.113.7")], "203.0.113.7"),
        ([("X-Forwarded-For", "unknown")], "127.0.0.1"),
        ([("X-Forwarded-For", "unknown, 10.0.0.2")], "10.0.0.2"),
        ([("X-Forwarded-For", "")], "127.0.0.1"),
        ([("Forwarded", "for=203.0.113.7")], "203.0.113.7"),
        ([("Forwarded", "For=\"[2001:db8:cafe::17]:4711\";proto=https")], "2001:db8:cafe::17"),
        ([("Forwarded", "for=198.51.100.1, for=203.0.113.7; by=10.0.0.2, for=10.0.0.2")], "203.0.113.7"),
        ([("Forwarded", "for=\"_hid,den;for=1.2.3.4\"")], "127.0.0.1"),
        ([("Forwarded", "garbage"), ("X-Forwarded-For", "203.0.113.7")], "127.0.0.1"),
        ([("Forwarded", "for=198.51.100.1"), ("X-Forwarded-For", "203.0.113.7")], "127.0.0.1"),
        ([("Forwarded", "for=203.0.113.7"), ("X-Forwarded-For", "203.0.113.7")], "203.0.113.7"),
    ])
    func theFirstThatIsNotTrustedIsTheClient(headers: [(String, String)], client: String) {
        #expect(Self.way("127.0.0.1", headers).client?.text == client)
    }

    @Test func whoeverIsNotTrustedSpeaksForNobody() {
        let way = Self.way("203.0.113.9", [("X-Forwarded-For", "10.0.0.1"), ("X-Forwarded-Host", "evil.example")])
        #expect(way.client?.text == "203.0.113.9" && way.host == nil && way.scheme == nil)
    }

    @Test(arguments: [
        ([("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "a.example:8443")], "https", "a.example:8443"),
        (
            [("X-Forwarded-For", "1.2.3.4, 203.0.113.7, 10.0.0.2"), ("X-Forwarded-Proto", "ftp, https, http")], "https",
            nil
        ),
        ([("X-Forwarded-For", "203.0.113.7, 10.0.0.2"), ("X-Forwarded-Host", "a.example")], nil, "a.example"),
        (
            [("Forwarded", "for=203.0.113.7;host=\"a.example\";proto=HTTPS, for=10.0.0.2;host=inner;proto=http")],
            "https", "a.example"
        ),
        ([("Forwarded", "proto=javascript;host=\"a/b\"")], nil, nil),
    ])
    func schemeAndHostAreThoseThatTheClientUsed(headers: [(String, String)], scheme: String?, host: String?) {
        let way = Self.way("127.0.0.1", headers)
        #expect(way.scheme == scheme && way.host == host)
    }

    @Test func linksBeginWithWhatTheClientUsed() async throws {
        let door = Door.objects { $0.add("/base", .get { .text("\($0.context.baseURL) \($0.context.clientAddress)") }) }
        let forwarded = ["Forwarded": "for=\"[2001:db8:1:2:3::4]\";proto=https;host=a.example"]
        try await withListener([door], { $0.trustedProxies = [NetworkRange("127.0.0.1")!] }) { listener in
            #expect(try await listener.send("GET", "/base").text == "http://localhost 127.0.0.1")
            let text = try await listener.send("GET", "/base", headers: forwarded).text
            #expect(text == "https://a.example 20:1:d:b8:0:1:0:2")
        }
        try await withListener([door], { $0.publicURL = PublicURL("https://b.example/sight/") }) { listener in
            let text = try await listener.send("GET", "/base", headers: forwarded).text
            #expect(text == "https://b.example/sight 127.0.0.1")
        }
    }
    @Test(arguments: [
        "", "b.example", "ftp://b.example", "https://", "https://u:p@b.example", "https://b.example/?a=1",
    ])
    func aPublicAddressIsSchemeHostAndPath(text: String) { #expect(PublicURL(text) == nil) }

    @Test func aProxyIsNotCountedAsOneGreedyClient() {
        #expect(Seat.place(of: NetworkAddress("10.0.0.2"), trusted: Self.trusted) == nil)
        #expect(Seat.place(of: NetworkAddress("203.0.113.9"), trusted: Self.trusted) == "203.0.113.9")
        #expect(Seat.place(of: NetworkAddress("::ffff:203.0.113.9"), trusted: []) == "203.0.113.9")
    }
}
