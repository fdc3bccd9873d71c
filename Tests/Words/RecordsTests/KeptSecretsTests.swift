import JSON
import Records
import Testing

/// What was read, with `***` where secrets are, is written back.
struct KeptSecretsTests {
    private static let callback: JSONValue = [
        "type": "http", "url": "https://u:one@hook.example/cb?token=two&v=1",
        "authorization": ["type": "basic", "login": "bob", "password": "three"],
        "params": ["timeout": 5, "headers": ["X-Api-Key": "four", "Accept": "text/plain"]],
    ]
    private static let stored: JSONValue = [
        "name": "gate", "data": ["type": "stream", "reference": "rtsp://admin:se/cret@cam/1?password=p&c=1"],
        "analytics": [["analytic_name": "a", "parameters": ["callbacks": [callback]]]],
    ]
    private static func stream(_ callbacks: [JSONValue]) -> JSONValue {
        ["analytics": [["analytic_name": "a", "parameters": ["callbacks": .array(callbacks)]]]]
    }
    private static func callback(_ change: (inout [String: JSONValue]) -> Void) -> JSONValue {
        guard case .object(var members) = callback.withoutSecrets else { fatalError("no object") }
        change(&members)
        return .object(members)
    }

    @Test func whatWasReadIsWrittenBackAsItWas() throws {
        #expect(try Self.stored.withoutSecrets.keepingSecrets(of: Self.stored) == Self.stored)
    }
    @Test(arguments: [
        ("rtsp://admin:***@cam/1?password=***&c=1", "rtsp://admin:se/cret@cam/1?password=p&c=1"),
        ("rtsp://admin:new@cam/1?password=***&c=1", "rtsp://admin:new@cam/1?password=p&c=1"),
        ("rtsp://admin:***@cam/1?password=new&c=1", "rtsp://admin:se/cret@cam/1?password=new&c=1"),
        ("rtsp://admin:%2A%2A%2A@cam/1?password=new&c=1", "rtsp://admin:se/cret@cam/1?password=new&c=1"),
        ("rtsp://admin:new@other/2", "rtsp://admin:new@other/2"),
    ])
    func eachSecretOfAnAddressCountsForItself(written: String, kept: String) throws {
        let body: JSONValue = ["data": ["type": "stream", "reference": .string(written)]]
        #expect(
            try body.keepingSecrets(of: Self.stored) == ["data": ["type": "stream", "reference": .string(kept)]])
    }
    @Test(arguments: [
        "rtsp://admin:***@other/1?password=***&c=1", "rtsp://root:***@cam/1?password=***&c=1",
        "rtsp://admin:***@cam/1?password=***&c=2", "rtsp://admin:***@cam/1", "rtsps://admin:***@cam/1?password=***&c=1",
        "rtsp://admin:***@cam/1?password=***&c=1&d=2", "http://evil/?token=***",
    ])
    func anAddressThatIsNotAsStoredKeepsNoSecret(written: String) {
        #expect {
            try (["data": ["reference": .string(written)]] as JSONValue).keepingSecrets(of: Self.stored)
        } throws: {
            ($0 as? JSONViolation)?.path == "data.reference"
        }
    }

    @Test func theSecretsOfACallbackStayWhileItsAddressAndTheObjectAroundThemDo() throws {
        let slower = Self.callback {
            $0["params"] = ["timeout": 9, "headers": ["X-Api-Key": "***", "Accept": "text/plain"]]
        }
        let kept = try Self.stream([slower]).keepingSecrets(of: Self.stored)
        let callback = try #require(kept["analytics"]?.array?[0]["parameters"]?["callbacks"]?.array?[0])
        #expect(callback["params"] == ["timeout": 9, "headers": ["X-Api-Key": "four", "Accept": "text/plain"]])
        #expect(callback["url"] == "https://u:one@hook.example/cb?token=two&v=1")
        #expect(callback["authorization"]?["password"] == "three")
    }
    @Test func aCallbackThatMovedKeepsItsSecrets() throws {
        let other: JSONValue = ["type": "http", "url": "http://first/"]
        let moved = Self.stream([other, Self.callback.withoutSecrets])
        #expect(try moved.keepingSecrets(of: Self.stored) == Self.stream([other, Self.callback]))
    }

    /// Two that look alike: which of them was taken away nobody can say.
    private static func hook(_ token: String, timeout: Int64 = 5) -> JSONValue {
        [
            "type": "http", "url": .string("https://hooks.example/in?token=\(token)"),
            "params": ["timeout": .integer(timeout)],
        ]
    }
    @Test func ofElementsThatLookAlikeNoneGetsTheSecretOfAnother() throws {
        let stored = Self.stream([Self.hook("A"), Self.hook("B")])
        let other = Self.hook("C", timeout: 9)
        for (written, kept) in [
            ([Self.hook("***"), Self.hook("***")], [Self.hook("A"), Self.hook("B")]),
            ([other, Self.hook("***"), Self.hook("***")], [other, Self.hook("A"), Self.hook("B")]),
            ([Self.hook("***"), Self.hook("***", timeout: 7)], [Self.hook("A"), Self.hook("B", timeout: 7)]),
        ] {
            #expect(try Self.stream(written).keepingSecrets(of: stored) == Self.stream(kept))
        }
        for written in [
            [Self.hook("***")], [Self.hook("***"), other], [Self.hook("***", timeout: 7)],
            [Self.hook("***"), Self.hook("new")], [Self.hook("***"), Self.hook("***"), Self.hook("***")],
        ] {
            #expect {
                try Self.stream(written).keepingSecrets(of: stored)
            } throws: {
                ($0 as? JSONViolation)?.path == "\(Self.parameters).url"
            }
        }
        let same = Self.stream([Self.hook("A"), Self.hook("A")])
        #expect(try Self.stream([Self.hook("***")]).keepingSecrets(of: same) == Self.stream([Self.hook("A")]))
    }
    @Test func listsInListsAreNotTriedInAllWays() {
        func nested(_ text: String) -> JSONValue { (0..<60).reduce(.string(text)) { value, _ in .array([value]) } }
        #expect(throws: JSONViolation.self) {
            try nested("http://h/?token=***").keepingSecrets(of: nested("http://i/?token=a"))
        }
    }

    private static let parameters = "analytics.0.parameters.callbacks.0"
    @Test(arguments: [
        ("authorization.password", callback { $0["url"] = "https://evil.example/cb" }),
        (
            "authorization.password",
            callback { $0["authorization"] = ["type": "basic", "login": "eve", "password": "***"] }
        ),
        ("params.headers.X-Api-Key", callback { $0["params"] = ["headers": ["X-Api-Key": "***", "Accept": "x"]] }),
        ("params.headers.Cookie", callback { $0["params"] = ["headers": ["Cookie": "***"]] }),
        ("url", callback { $0["url"] = "https://u:***@evil.example/cb?token=***&v=1" }),
    ])
    func aSecretIsNotCarriedElsewhere(path: String, written: JSONValue) {
        #expect {
            var written = written
            // Only the secret that is asked about stays hidden.
            if path != "authorization.password", case .object(var members) = written {
                members["authorization"] = nil
                if path == "url" { members["params"] = nil }
                written = .object(members)
            }
            _ = try Self.stream([written]).keepingSecrets(of: Self.stored)
        } throws: {
            ($0 as? JSONViolation)?.path == "\(Self.parameters).\(path)"
        }
    }
    @Test func whereNothingIsStoredThereIsNoSecretToKeep() {
        #expect(throws: JSONViolation.self) { try Self.stored.withoutSecrets.keepingSecrets(of: nil) }
    }
    @Test func threeStarsThatAreNoSecretStay() throws {
        let body: JSONValue = ["name": "***", "data": ["reference": "clips/***.mp4"], "analytics": []]
        #expect(try body.keepingSecrets(of: ["data": ["reference": "clips/1.mp4"]]) == body)
        #expect(try body.keepingSecrets(of: nil) == body)
    }
}
