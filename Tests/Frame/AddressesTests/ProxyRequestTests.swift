import Testing

@testable import Addresses

struct ProxyRequestTests {
    private func request(_ head: String) -> ProxyRequest? { ProxyRequest(head: Array(head.utf8)) }

    @Test func aGetIsForwardedInTheServersForm() throws {
        let get = try #require(request("GET http://cam.local:8080/a/b?c=d HTTP/1.1\r\nHost: cam.local\r\n\r\n"))
        #expect(get.host == "cam.local" && get.port == 8080 && !get.isTunnel)
        #expect(String(decoding: get.forwarded, as: UTF8.self) == "GET /a/b?c=d HTTP/1.1\r\nHost: cam.local\r\n\r\n")
        let bare = try #require(request("GET http://[::1]?x HTTP/1.1\r\n\r\n"))
        #expect(bare.host == "::1" && bare.port == 80)
        #expect(String(decoding: bare.forwarded, as: UTF8.self) == "GET /?x HTTP/1.1\r\n\r\n")
    }

    @Test func aTunnelForwardsNothingOfItsHead() throws {
        let tunnel = try #require(request("CONNECT cam.local:443 HTTP/1.1\r\n\r\n"))
        #expect(tunnel.host == "cam.local" && tunnel.port == 443 && tunnel.isTunnel && tunnel.forwarded.isEmpty)
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n\r\n", "GET ftp://x/ HTTP/1.1\r\n\r\n", "CONNECT cam.local HTTP/1.1\r\n\r\n",
        "GET http://u:p@x/ HTTP/1.1\r\n\r\n", "GET http://x:99999/ HTTP/1.1\r\n\r\n", "nonsense\r\n\r\n", "",
    ])
    func otherRequestsAreRefused(head: String) {
        #expect(request(head) == nil)
    }
}
