import Foundation
import JSON
import Records
import Testing

struct SettingTests {
    private enum Mode: String, CaseIterable, Sendable { case fast, slow }
    private struct Inner: Sendable {
        var share: Float = 0.3
        var wait = Duration.seconds(2)
        var secret: Secret?
    }
    private struct Outer: Sendable {
        var count = 7
        var mode = Mode.fast
        var isOn = false
        var names: [String] = []
        var folder = URL(fileURLWithPath: "/srv")
        var inner = Inner()
    }
    private static let settings: [Setting<Outer>] = [
        Setting("count", \.count, in: 1...9), Setting("mode", \.mode), Setting("on", \.isOn),
        Setting("names", \.names, separator: ","), Setting("folder", \.folder),
        Setting<Inner>("share", \.share, in: 0...1).within(\.inner),
        Setting<Inner>("wait", \.wait, seconds: 0.1...60).within(\.inner),
        Setting<Inner>("secret", \.secret).within(\.inner),
    ]
    private static func setting(_ key: String) throws -> Setting<Outer> {
        try #require(settings.first { $0.key == key })
    }

    @Test(
        arguments: [
            ("count", 7, "8", 8), ("mode", "fast", "slow", "slow"), ("on", 0, "true", 1),
            ("names", [], "a, b,,c ", ["a", "b", "c"]), ("folder", "/srv", "/srv/video", "/srv/video"),
            ("share", 0.3, "0.1", 0.1), ("wait", 2.0, "1.5", 1.5), ("secret", nil, "canary", "***"),
        ] as [(String, JSONValue, String, JSONValue)])
    func aSettingShowsItsDefaultAndThenWhatWasRead(key: String, standard: JSONValue, text: String, shown: JSONValue)
        throws
    {
        var outer = Outer()
        let setting = try Self.setting(key)
        #expect(setting.shown(in: outer) == standard)
        try setting.read(text, into: &outer)
        #expect(setting.shown(in: outer) == shown)
    }

    @Test(arguments: [
        ("count", "10", "a whole number in 1...9"), ("count", "2.5", "a whole number in 1...9"),
        ("mode", "medium", "one of fast, slow"), ("on", "yes", "0 or 1"), ("share", "1.5", "a number in 0.0...1.0"),
        ("share", "nan", "a number in 0.0...1.0"), ("wait", "0", "a number in 0.1...60.0"),
    ])
    func anotherValueIsRefusedAndChangesNothing(key: String, found: String, wanted: String) throws {
        var outer = Outer()
        let setting = try Self.setting(key)
        #expect(throws: SettingsError(key: key, found: found, wanted: wanted)) {
            try setting.read(found, into: &outer)
        }
        #expect(setting.shown(in: outer) == setting.shown(in: Outer()))
    }

    @Test func aRefusalNamesTheVariableAndHidesPasswords() {
        let error = SettingsError(key: "a.b_c", found: "http://me:canary@host", wanted: "nothing")
        #expect(
            "\(error)" == "Setting 'a.b_c' (environment: SIGHTLINE_A_B_C) is 'http://me:***@host', but wanted: nothing."
        )
    }
}
