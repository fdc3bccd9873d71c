import Foundation
import Scene
import Testing

@testable import Media

/// What is said to web servers, and heard of them.
struct WebAnswerTests {
    /// Comes in portions of so many bytes.
    private static func read(_ text: String, portion: Int = 1000, limit: Int = 1000) throws(MediaError) -> WebAnswer {
        var rest = Array(text.utf8)[...]
        var reader = WebAnswerReader(limit: limit) { () throws(MediaError) in
            let next = Array(rest.prefix(portion))
            rest = rest.dropFirst(portion)
            return next.isEmpty ? nil : next
        }
        return try reader.answer()
    }

    @Test(arguments: [1, 7, 4096]) func theThreeEndsOfABodyAreUnderstood(portion: Int) throws {
        for answer in [
            "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello worldand more",
            "HTTP/1.0 200 OK\n\nhello world", "HTTP/1.1 200\r\ncontent-length:11\r\n\r\nhello world",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world",
        ] {
            let found = try Self.read(answer, portion: portion)
            #expect(found.status == 200 && String(decoding: found.body, as: UTF8.self) == "hello world", "\(answer)")
        }
        let found = try Self.read(
            "HTTP/1.1 304 Not Modified\r\nETag:  \"a b\" \r\nX: 1\r\nX: 2\r\nContent-Length: 9\r\n\r\n",
            portion: portion)
        #expect(
            found.status == 304 && found.body.isEmpty && found["etag"] == "\"a b\"" && found.all("x") == ["1", "2"])
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", true), ("HTTP/1.1 304 Not Modified\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello!", false), ("HTTP/1.1 200 OK\r\n\r\nhello", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", false),
        ("HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 5\r\n\r\nhello", false),
        ("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno", false),
    ]) func aConnectionIsLeftWhereItsAnswerHasCome(answer: String, leaves: Bool) throws {
        #expect(try Self.read(answer).leavesConnection == leaves)
    }

    @Test(arguments: [
        "", "\r\n", "ICY 200 OK\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell",
        "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 70_000) + "\r\n\r\n",
        String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 5000) + "HTTP/1.1 200 OK\r\n\r\n",
    ])
    func whatIsNoWholeAnswerIsNone(text: String) {
        #expect(throws: MediaError.noAnswer) { _ = try Self.read(text) }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello!", "HTTP/1.1 200 OK\r\n\r\nhello!",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nhello",
    ])
    func aBodyHasItsLimit(text: String) {
        #expect(throws: MediaError.tooLarge(limit: 5)) { _ = try Self.read(text, limit: 5) }
    }

    @Test func aFieldThatCouldEndALineIsLeftOut() throws {
        #expect(try Self.read("HTTP/1.1 304 -\r\nETag: \"a\rX: b\"\r\n\r\n")["etag"] == nil)
    }

    // MARK: Credentials

    /// The examples of RFC 7617 §2, RFC 2617 §3.5 and RFC 7616 §3.9.1.
    @Test func credentialsAreToldAsTheStandardsHaveIt() throws {
        var login = WebLogin(user: "Aladdin", password: "open sesame")
        #expect(login.authorization(for: "/") == nil)
        #expect(login.hear(["Basic realm=\"WallyWorld\""]) == true)
        #expect(login.authorization(for: "/") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")

        login = WebLogin(user: "Mufasa", password: "Circle Of Life")
        let old =
            "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
            + "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""
        #expect(login.hear(["Basic realm=\"x\", \(old)"]) == true)
        let told = login.authorization(for: "/dir/index.html", nonce: "0a4f113b") ?? ""
        #expect(told.contains("response=\"6629fae49393a05397450978507c4ef1\"") && told.contains("nc=00000001"))
        #expect(login.authorization(for: "/dir/index.html", nonce: "0a4f113b")?.contains("nc=00000002") == true)

        login = WebLogin(user: "Mufasa", password: "Circle of Life")
        let values =
            "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "
            + "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        #expect(login.hear(["Digest \(values), algorithm=SHA-256", "Digest \(values), algorithm=MD5"]) == true)
        let new = login.authorization(
            for: "/dir/index.html", nonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
        #expect(new?.contains("response=\"8ca523f5e9506fed4657c9700eebdbec\"") == true)
    }

    @Test func whatCannotBeToldIsNot() {
        var login = WebLogin(user: "a", password: "b")
        for challenge in [
            "", "Bearer", "Negotiate abc==", "Digest realm=\"x\"", "Digest nonce=\"x\", algorithm=SHA-256", "=,\"\"=",
            "Digest nonce=\"x\", qop=\"auth-int\"",
        ] {
            #expect(login.hear([challenge]) == false, "\(challenge)")
            #expect(login.authorization(for: "/") == nil)
        }
        login = WebLogin(user: "a\r\nX: y", password: "b")
        #expect(login.hear(["Digest nonce=\"x\""]) == false)
        login = WebLogin(user: "a\"b\\", password: "b")
        #expect(login.hear(["digest nonce=x,realm=\"a \\\"b\\\"\""]) == true)
        let told = login.authorization(for: "/") ?? ""
        #expect(
            told.hasPrefix("Digest username=\"a\\\"b\\\\\", realm=\"a \\\"b\\\"\", nonce=\"x\", uri=\"/\"")
                && !told.contains("qop"))
    }

    @Test func whoLooksMostOftenSaysHowOftenPicturesAreAskedFor() {
        #expect([Rate.seconds(2), .seconds(5)].pause(atLeast: .seconds(1)) == .seconds(2))
        #expect([Rate.seconds(2), .frames(10)].pause(atLeast: .seconds(1)) == .seconds(1))
        #expect([Rate.seconds(0.1)].pause(atLeast: .seconds(1)) == .seconds(1))
        #expect([Rate]().pause(atLeast: .seconds(1)) == .seconds(1))
    }
}
