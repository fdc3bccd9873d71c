import JSON
import Testing

@testable import Records

/// A document that is handed on as text hides what it would hide as a value.
struct JSONTextSecretTests {
    @Test(arguments: [
        "password", "Passwd", "userPwd", "api_key", "X-Api-Key", "accessToken", "jwt", "bearer", "client_secret",
        "auth",
        "sig", "signature", "hmac", "session", "sid", "credentials", "cookie", "otp", "hdnts", "psk", "psw", "pw",
        "PASSPHRASE", "loginpas", "AWSAccessKeyId",
    ])
    func membersAreKnownByTheirNames(name: String) {
        for value in [[name: "hidden"], ["a": [["b": [name: "hidden"]]]], ["headers": [name: "hidden"]]] as [JSONValue]
        {
            #expect(value.withoutSecrets != value, "\(name) is a name of a secret")
            #expect(JSONText(value).withoutSecrets == JSONText(value.withoutSecrets))
        }
    }

    @Test(
        arguments: [
            ["url": "rtsp://admin:hidden@10.0.0.5/1"], ["url": "http://a/b?token=hidden"], ["a": ["admin:hidden@host"]],
            ["headers": [["name": "X-Api-Key", "value": "hidden"]]], ["description": "rtsp://a:hidden@b", "naïve": 1],
        ] as [JSONValue])
    func addressesAreKnownAsTheyAreInValues(value: JSONValue) {
        let shown = JSONText(value).withoutSecrets
        #expect(shown == JSONText(value.withoutSecrets) && !shown.text.contains("hidden"))
    }

    @Test func whatCannotHoldASecretIsNotRead() {
        let parameters: JSONValue = [
            "targets": ["coordinates"],
            "parameters": [
                "people_count_threshold": 2, "rate": ["unit": "second", "period": 0.5], "roi": [0, 0, 1, 1],
            ],
        ]
        #expect(!JSONText(parameters).mayHoldSecret)
        #expect(JSONText(parameters).withoutSecrets == JSONText(parameters))
    }
}
