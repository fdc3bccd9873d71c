import JSON
import Records
import Testing

/// Secrets in documents whose form nobody prescribes.
struct HiddenMemberTests {
    private static let documents: [(JSONValue, JSONValue)] = [
        (["headers": ["Authorization: Bearer canary"]], ["headers": ["Authorization: ***"]]),
        (["headers": "From: ops@example.org\nX-Api-Key: canary"], ["headers": "From: ops@example.org\nX-Api-Key: ***"]),
        (["http_headers": [["Authorization", "canary"]]], ["http_headers": [["Authorization", "***"]]]),
        (["Headers": ["Cookie", "canary", "x"]], ["Headers": ["Cookie", "***", "x"]]),
        (
            ["headers": [["key": "Authorization", "value": "canary"], ["key": "Accept", "value": "x"]]],
            ["headers": [["key": "Authorization", "value": "***"], ["key": "Accept", "value": "x"]]]
        ),
        (["header": "X-Api-Key", "value": "canary"], ["header": "X-Api-Key", "value": "***"]),
        (["key": "canary4", "value": "x"], ["key": "***", "value": "x"]),
        (["headers": ["X-Hub": "Bearer canary", "X-B": ["a"]]], ["headers": ["X-Hub": "***", "X-B": ["a"]]]),
        (["authorization": ["Bearer canary"]], ["authorization": ["***"]]), (["auth": ["canary"]], ["auth": ["***"]]),
        (["auth": ["type": "bearer", "value": "canary"]], ["auth": ["type": "bearer", "value": "***"]]),
        (
            ["auth": ["login": "bob", "timeout": 5, "headers": [["X-Any": "canary"]]]],
            ["auth": ["login": "bob", "timeout": 5, "headers": [["X-Any": "***"]]]]
        ),
        (
            ["http://u:canary@h/": 1, "http://u:canary2@h/": ["password": "canary"]],
            ["http://u:***@h/ 2": 1, "http://u:***@h/": ["password": "***"]]
        ),
        (["pAssword": "canary", "url": "http://h/?ToKen=canary"], ["pAssword": "***", "url": "http://h/?ToKen=***"]),
        (["pin": 4711, "code": 200, "hash": "canary"], ["pin": "***", "code": 200, "hash": "***"]),
    ]

    @Test(arguments: documents) func theSecretGoesAndTheRestStays(document: JSONValue, expected: JSONValue) {
        #expect(document.withoutSecrets == expected)
        #expect(JSONText(document).withoutSecrets == JSONText(expected))
    }
    @Test(arguments: documents) func whatWasShownIsKept(document: JSONValue, shown: JSONValue) throws {
        #expect(try shown.keepingSecrets(of: document) == document)
    }
}
