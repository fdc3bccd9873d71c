import JSON
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
        "rtsp://10.0.0.5/1", "rtsp://admin@10.0.0.5/1", "http://cam.example:8080/a@b:c", "rtsp://Camera12@host/",
        "https://hook.example:8443/cb?mail=ops@example.org", "file:///media/gate:1@noon.mp4", "/media/gate:1@noon.mp4",
        "clip.mp4",
        "",
        "http://host/a?at=12:30",
    ])
    func anAddressWithoutPasswordStaysAsItIs(address: String) { #expect(Redaction.redacted(address) == address) }
}

/// Secrets behind their names.
struct NamedSecretTests {
    @Test(arguments: [
        ("rtsp://cam/1?password=canary&channel=2", "rtsp://cam/1?password=***&channel=2"),
        ("https://h/v?access_token=canary", "https://h/v?access_token=***"),
        ("https://h/v?user=u&PassWd=canary#t=10", "https://h/v?user=u&PassWd=***#t=10"),
        (
            "https://s3/b/v.mp4?X-Amz-Credential=canary%2F20240101&X-Amz-Expires=60&X-Amz-Signature=canary",
            "https://s3/b/v.mp4?X-Amz-Credential=***&X-Amz-Expires=60&X-Amz-Signature=***"
        ),
        ("https://s3/v?X-Amz-Security-Token=can/a+ry==&a=1", "https://s3/v?X-Amz-Security-Token=***&a=1"),
        (
            "srt://h:9000?mode=caller&streamid=%23!::u=canary,r=1&passphrase=canary",
            "srt://h:9000?mode=caller&streamid=***&passphrase=***"
        ),
        (
            "https://a.blob/v?sv=2022-11-02&sp=r&sig=canary%2Bx%3D&se=2030",
            "https://a.blob/v?sv=2022-11-02&sp=r&sig=***&se=2030"
        ),
        (
            "https://s3/v?AWSAccessKeyId=canary&Signature=canary&Expires=9",
            "https://s3/v?AWSAccessKeyId=***&Signature=***&Expires=9"
        ),
        (
            "http://cam/videostream.cgi?loginuse=admin&loginpas=canary",
            "http://cam/videostream.cgi?loginuse=admin&loginpas=***"
        ),
        ("http://cam/a?pass%77ord=canary&b=1", "http://cam/a?pass%77ord=***&b=1"),
        ("http://cam/a?%2570assword=canary", "http://cam/a?%2570assword=***"),
        ("http://cam/a;token=canary;v=2/b;key=canary/c", "http://cam/a;token=***;v=2/b;key=***/c"),
        ("http://cam/a?pwd=canary;x=1", "http://cam/a?pwd=***"),
        ("http://cam/#access_token=canary&state=1", "http://cam/#access_token=***&state=1"),
        ("rtsp://u:canary@cam/1?token=canary", "rtsp://u:***@cam/1?token=***"),
        ("rtsp://cam/user=admin&password=canary&channel=1", "rtsp://cam/user=admin&password=***&channel=1"),
        ("10.0.0.5/1?api_key=canary", "10.0.0.5/1?api_key=***"),
        ("http://h/?from=rtsp%3A%2F%2Fu%3Acanary%40cam&x=1", "http://h/?from=rtsp%3A%2F%2Fu%3A***%40cam&x=1"),
        ("http://h/?url=http%3A%2F%2Fi%2F%3Ftoken%3Dcanary", "http://h/?url=http%3A%2F%2Fi%2F%3Ftoken%3D***"),
        ("http://h/?token=a b canary&x=1", "http://h/?token=***&x=1"),
        (
            "http://h/?session=canary&userPassword=canary&apikey=canary",
            "http://h/?session=***&userPassword=***&apikey=***"
        ),
    ])
    func theValueGoesAndTheRestStays(address: String, expected: String) {
        #expect(Redaction.redacted(address, as: .address) == expected)
        #expect(Redaction.redacted(expected, as: .address) == expected)
    }
    @Test(arguments: [
        "rtsp://cam/user=admin_password=canary_channel=1_stream=0.sdp", "http://h/?password=can;canary",
        "http://h/?a=1&secret='canary'", "host=db password=canary dbname=x",
    ])
    func whatCannotBeToldApartIsHiddenToo(text: String) {
        #expect(!Redaction.redacted(text, as: .address).contains("canary"))
    }
    @Test(arguments: [
        "rtsp://cam/Streaming/Channels/101?channel=1&subtype=0",
        "http://h/v?t=1.5&keyframe=1&design=2&token_type=bearer",
        "http://h/?password=&x=1", "http://h/v?author=b&compasses=1", "a=b", "https://h/?q=1%2F2",
    ])
    func anAddressWithoutSecretsStaysAsItIs(address: String) {
        #expect(Redaction.redacted(address, as: .address) == address)
    }
    @Test func aSentenceGoesOnBehindAnAddress() {
        #expect(
            Redaction.redacted("Cannot open 'http://h/?token=canary' after http://h/?sig=canary, sorry")
                == "Cannot open 'http://h/?token=***' after http://h/?sig=*** sorry")
        #expect(Redaction.redacted("gate:left@noon", as: .prose) == "gate:left@noon")
        #expect(Redaction.redacted("see rtsp://u:canary@h/1", as: .prose) == "see rtsp://u:***@h/1")
    }

    @Test func membersAndHeadersAreHiddenByTheirNames() {
        let document: JSONValue = [
            "password": "canary", "apiKey": "canary", "pin": ["secret": 7, "tokens": 3],
            "client_secret": ["canary", 5],
            "auth": ["type": "basic", "login": "bob", "password": "canary"], "enabled": true, "token": nil,
            "headers": [
                "Authorization": "Bearer canary", "Cookie": "a=canary", "X-Api-Key": "canary",
                "X-MyTokenThing": "canary",
                "Accept": "text/plain", "Referer": "http://u:canary@h/",
            ],
            "list": [["name": "X-Api-Key", "value": "canary"], ["name": "Accept", "value": "text/plain"]],
            "rate": ["unit": "frame", "period": 10],
        ]
        #expect(
            document.withoutSecrets == [
                "password": "***", "apiKey": "***", "pin": ["secret": "***", "tokens": 3],
                "client_secret": ["***", "***"],
                "auth": ["type": "basic", "login": "bob", "password": "***"], "enabled": true, "token": nil,
                "headers": [
                    "Authorization": "***", "Cookie": "***", "X-Api-Key": "***", "X-MyTokenThing": "***",
                    "Accept": "text/plain", "Referer": "http://u:***@h/",
                ],
                "list": [["name": "X-Api-Key", "value": "***"], ["name": "Accept", "value": "text/plain"]],
                "rate": ["unit": "frame", "period": 10],
            ])
    }
}
