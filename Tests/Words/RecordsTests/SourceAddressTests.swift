import Records
import Testing

/// What is told of an address before anybody parses it.
struct SourceAddressTests {
    @Test(arguments: [
        ("rtsp://admin:a#b@10.0.0.5/1", "#"), ("rtsp://admin:a/b@10.0.0.5/1", "/"), ("http://admin:a?b@camera/x", "?"),
        ("rtsp://admin:12/34@10.0.0.5/1", "/"), ("rtsp://admin:/34@camera/1", "/"), ("RTSP://admin:1#2@[::1]/1", "#"),
        ("rtsp://admin:a@b#c@10.0.0.5/1", "#"), ("rtsp://admin:a%23b@10.0.0.5/1", nil),
        ("rtsp://admin:a@b@10.0.0.5/1", nil),
        ("http://go2rtc:1984/api/stream.m3u8?src=rtsp://admin:pw@10.0.0.5/1", nil),
        ("http://cam:8080/x?user=a@10.0.0.5", nil), ("http://cam:8080/a=b@10.0.0.5", nil),
        ("rtsp://10.0.0.5:554/a@b", nil), ("rtsp://camera:554/a@b", nil), ("rtsp://localhost:554/@10.0.0.5", nil),
        ("rtsp://[::1]:554/a@b", nil), ("http://camera/a:b@c", nil), ("rtsp://camera:554/1#a", nil),
    ])
    func aCharacterThatEndsAPasswordIsFound(address: String, character: String?) throws {
        let found = try #require(SourceAddress(address))
        #expect(found.rawCharacter.map(String.init) == character)
        #expect((found.complaint == nil) == (character == nil))
    }
    @Test(arguments: [("/", "%2F"), ("?", "%3F"), ("#", "%23")])
    func theComplaintSaysHowItIsEncoded(character: String, encoding: String) throws {
        let complaint = try #require(SourceAddress("rtsp://admin:secret\(character)b@10.0.0.5/1")?.complaint)
        #expect(complaint.contains("'\(character)'") && complaint.contains("'\(encoding)'"))
        #expect(complaint.contains("data.authorization") && !complaint.contains("secret"))
    }

    @Test(arguments: [
        ("rtsp://admin@camera/1", true), ("rtsp://admin:a@camera/1", true), ("rtsp://admin:a/b@camera/1", true),
        ("rtsp://camera/1", false), ("rtsp://camera:554/a@b", false), ("rtsp://camera/?user=a@b", false),
    ])
    func whetherAnAddressNamesAUser(address: String, isNamed: Bool) {
        #expect(SourceAddress(address)?.namesUser == isNamed)
    }
    @Test(arguments: ["a.mp4", "/srv/a:b.mp4", "C:\\x", "://x", "1a://x"])
    func aPathIsNoAddress(path: String) { #expect(SourceAddress(path) == nil) }

    @Test(arguments: [
        ("http://m1:p%23@w@10.0.0.5/x", "http://m1:p%23%40w@10.0.0.5/x"),
        ("RTSP://a:b c%2F\u{e9}\"%zz@cam.local:554/1?a=%20", "rtsp://a:b%20c%2F%C3%A9%22%25zz@cam.local:554/1?a=%20"),
        ("rtsp://a:$x!-._~@[::1]/1", "rtsp://a:$x!-._~@[::1]/1"), ("http://10.0.0.5/a@b", "http://10.0.0.5/a@b"),
    ])
    func whatAUserMayNotHaveIsEncodedOnce(written: String, encoded: String) throws {
        #expect(try #require(SourceAddress(written)).withEncodedUser == encoded)
    }

    @Test func aPasswordIsPrintedByNobody() {
        let authorization = SourceAuthorization(login: "admin", password: "secret")
        var text = ""
        dump(authorization, to: &text)
        var specification = SourceSpecification(kind: .stream, reference: "rtsp://camera/1")
        specification.authorization = authorization
        text += "\(authorization) \(String(reflecting: authorization)) \(specification)"
        #expect(text.contains("admin:***") && !text.contains("secret"))
    }
}
