import Testing

@testable import HTTPEdge

struct ListenerAddressTests {
    @Test(arguments: [
        ("127.0.0.1:5011", "127.0.0.1", 5011), ("[::1]:0", "::1", 0), ("tags.example:65535", "tags.example", 65535),
    ])
    func hostAndPortAreRead(text: String, host: String, port: Int) throws {
        let address = try #require(ListenerAddress(text))
        #expect(address.host == host && address.port == port && address.text == text)
    }
    @Test(arguments: ["", "5011", ":5011", "::1:5011", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:http", "[]:1"])
    func whatIsNoneIsRefused(text: String) { #expect(ListenerAddress(text) == nil) }
}
