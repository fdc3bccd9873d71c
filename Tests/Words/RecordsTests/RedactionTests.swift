import Records
import Testing

struct RedactionTests {
    @Test(arguments: [
        ("rtsp://admin:secret@10.0.0.5/1", "rtsp://admin:***@10.0.0.5/1"),
        ("rtsp://admin:se@cr@et@10.0.0.5:554/1", "rtsp://admin:***@10.0.0.5:554/1"),
        ("rtsp://admin:a:b:c@host/1", "rtsp://admin:***@host/1"),
        ("http://:secret@host/", "http://:***@host/"),
        ("https://u:@host/?q=1", "https://u:***@host/?q=1"),
        ("RTSP://admin:geheim%40%2F@[fe80::1]:554/s", "RTSP://admin:***@[fe80::1]:554/s"),
        ("rtsp://ädmin:пароль@host", "rtsp://ädmin:***@host"),
    ])
    func thePasswordGoesAndTheRestStays(address: String, expected: String) {
        #expect(Redaction.redacted(address) == expected)
    }
    @Test(arguments: [
        "rtsp://admin:se/cret@10.0.0.5/1", "rtsp://admin:se?cret@10.0.0.5/1", "rtsp://admin:#secret@10.0.0.5/1",
        "rtsp://admin:s//ecret/@host/path", "rtsp://admin:secret:/@host", "admin:secret@10.0.0.5/1",
        "rtsp:/admin:secret@10.0.0.5/1", "rtsp:admin:secret@host",
        "cannot open rtsp://admin:secret@10.0.0.5/1 and http://b:secret@c/", "http://host/a?u=rtsp://x:secret@y/",
    ])
    func aPasswordWithDelimitersInItIsHiddenToo(address: String) {
        let shown = Redaction.redacted(address)
        #expect(!shown.contains("secret") && !shown.contains("cret@"), "\(shown)")
    }
    @Test(arguments: [
        "rtsp://10.0.0.5/1", "rtsp://admin@10.0.0.5/1", "http://host:8080/a@b:c", "/media/gate:1@noon.mp4", "clip.mp4",
        "",
        "http://host/a?at=12:30",
    ])
    func anAddressWithoutPasswordStaysAsItIs(address: String) { #expect(Redaction.redacted(address) == address) }
}
