import API
import Addresses
import Foundation
import Housekeeping
import HTTPEdge
import Inference
import JSON
import Media
import Models
import Notifications
import Pipeline
import Records
import Streams
import Testing
import Tracking

@testable import Setup

struct SettingsTests {
    static let home = URL(fileURLWithPath: #filePath).appending(path: "../../../..").standardizedFileURL

    static func settings(
        flags: [String: String] = [:], environment: [String: String] = [:], file: String? = nil
    ) throws -> Settings {
        var flags = flags
        flags["home"] = home.path
        guard let file else { return try Settings(flags: flags, environment: environment, file: nil) }
        let url = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
        try Data(file.utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        return try Settings(flags: flags, environment: environment, file: url)
    }

    @Test func aFlagComesBeforeTheEnvironmentAndThatBeforeTheFile() throws {
        let file = #"{"port": 1, "host": "10.0.0.1", "tracker": {"patience": 7}}"#
        let environment = ["SIGHTLINE_PORT": "2", "SIGHTLINE_HOST": "10.0.0.2"]
        let settings = try Self.settings(flags: ["port": "3"], environment: environment, file: file)
        #expect(settings.listener.port == 3)
        #expect(settings.listener.host == "10.0.0.2")
        #expect(settings.tracker.configuration.patience == .seconds(7))
    }

    @Test func everySettingIsShownAsItIsInForce() throws {
        let settings = try Self.settings(
            flags: ["port": "3"], environment: ["SIGHTLINE_TRACKER_PATIENCE": "7", "SIGHTLINE_MEDIA_ROOTS": "/a:/b"])
        let shown = settings.shown(tracking: settings.tracker.configuration)
        let keys = Set(
            shown.flatMap { section, values in
                values.keys.map { section == "SIGHTLINE" ? $0.lowercased() : "\(section).\($0)".lowercased() }
            })
        #expect(Set(Settings.all.map(\.key)) == keys)
        #expect(shown["SIGHTLINE"]?["PORT"] == 3 && shown["SIGHTLINE"]?["HOST"] == "127.0.0.1")
        #expect(shown["SIGHTLINE"]?["MEDIA_ROOTS"] == ["/a", "/b"])
        #expect(shown["TRACKER"]?["PATIENCE"] == 7.0 && shown["TRACKER"]?["FIRST_GATE"] == 0.15)
        #expect(shown["LOGS"]?["RETENTION_ACTIVE"] == 0 && shown["LOGS"]?["RETENTION_INTERVAL_TYPE"] == "days")
        #expect(shown["SIGHTLINE"]?["OPEN_REGISTRATION"] == 0 && shown["MEDIA"]?["ALLOWED_NETWORKS"] == [])
        #expect(shown["API"]?["METRICS"] == 1 && shown["API"]?["BODY_LIMIT"] == 1_048_576)
        #expect(try Self.settings(environment: ["SIGHTLINE_API_METRICS": "0"]).api.servesMetrics == false)
    }

    @Test func theDefaultsAreThoseOfTheDocumentation() throws {
        let settings = try Self.settings()
        #expect(settings.listener.port == 5000 && settings.listener.host == "127.0.0.1")
        #expect(settings.daemon.dataFolder.lastPathComponent == "sightline-data")
        #expect(settings.media.mediaRoots == [settings.daemon.dataFolder.appending(path: "media")])
        #expect(settings.models.defaultCard.path.hasSuffix("analytics/models/person-accurate.json"))
        #expect(
            try Self.settings(environment: ["SIGHTLINE_MODEL": "fast"]).models.defaultCard.path
                .hasSuffix("analytics/models/person-fast.json"))
        #expect(
            try Self.settings(environment: ["SIGHTLINE_MODEL": "/m/own.json"]).models.defaultCard.path == "/m/own.json")
        #expect(settings.streams.maximumStreams == 64)
        #expect(!settings.api.isRegistrationOpen)
    }

    @Test func fixedNamesOfTheEnvironmentAreUnderstood() throws {
        let settings = try Self.settings(environment: [
            "SIGHTLINE_MEDIA_ROOTS": "/srv/a:/srv/b,c", "SIGHTLINE_NOOP_ANALYTICS": "one, two",
            "SIGHTLINE_ENGINE_DIR": "/opt/engine", "SIGHTLINE_TRACKER_THING_AGE": "0.5",
            "SIGHTLINE_OPEN_REGISTRATION": "1",
        ])
        #expect(settings.api.isRegistrationOpen)
        #expect(settings.media.mediaRoots.map(\.path) == ["/srv/a", "/srv/b,c"])
        #expect(settings.daemon.noopAnalytics == ["one", "two"])
        #expect(settings.models.engineFolder.path == "/opt/engine")
        #expect(settings.tracker.configuration.thingAge == .milliseconds(500))
    }

    @Test(arguments: [
        ("port", "70000", "a whole number in 0...65535"),
        ("port", "http", "a whole number in 0...65535"),
        (
            "model", "precise",
            "'accurate', 'fast' or the path of a card; 'precise' is for an analytic's parameter 'model'"
        ),
        ("log_level", "loud", "one of trace, debug, info, notice, warning, error, critical"),
        ("media.rtsp_transport", "carrier-pigeon", "one of auto, tcp, udp, http"),
        ("media.verify_certificates", "maybe", "0 or 1"), ("open_registration", "yes", "0 or 1"),
        ("media.allowed_networks", "10.0.0.0/33", "networks such as 10.0.0.0/8 or fd00::/8"),
        ("api.cors_origins", "*", "origins such as https://console.example.org, without a path"),
        (
            "api.cors_origins", "https://a.example/console",
            "origins such as https://console.example.org, without a path"
        ),
        ("tracker.birth_confidence", "1.5", "a number in 0.0...1.0"),
        ("tracker.birth_confidence", "nan", "a number in 0.0...1.0"),
        ("streams.maximum", "0", "a whole number in 1...10000"),
        ("logs.retention_active", "on", "0 or 1"), ("logs.retention_interval", "0", "a whole number in 1...1000000"),
        ("logs.retention_interval_type", "months", "one of weeks, days, hours, minutes, seconds"),
        ("logs.retention_check_interval", "0", "a number in 1.0...86400.0"),
        (
            "home", "/nowhere",
            "the folder that holds 'analytics' (a checkout of Sightline, or its installed share folder)"
        ),
    ])
    func aBadValueIsRefusedWithKeyValueAndRange(key: String, found: String, wanted: String) {
        #expect(throws: SettingsError(key: key, found: found, wanted: wanted)) {
            try Settings(
                flags: ["home": Self.home.path].merging([key: found]) { _, new in new }, environment: [:], file: nil)
        }
    }

    @Test func aMisspeltKeyInTheFileIsRefused() {
        #expect { try Self.settings(file: #"{"tracker": {"patiense": 3}}"#) } throws: { error in
            "\(error)".hasPrefix("Setting 'tracker.patiense'") && "\(error)".contains("no such setting")
        }
    }

    @Test(arguments: ["[]", "port = 5", ""])
    func aFileThatIsNoObjectIsRefused(contents: String) {
        #expect { try Self.settings(file: contents) } throws: { error in
            "\(error)".contains("wanted: a readable file with one JSON object")
        }
    }

    @Test(arguments: [("127.0.0.1", true), ("localhost", true), ("::1", true), ("0.0.0.0", false), ("10.1.2.3", false)])
    func sourcesOnThisMachineAreForDaemonsThatListenOnItAlone(host: String, isAllowed: Bool) throws {
        #expect(try Self.settings(flags: ["host": host]).media.network.allowsLoopback == isAllowed)
        let forced = try Self.settings(flags: ["host": host, "media.allow_loopback": "1"])
        #expect(forced.media.network.allowsLoopback)
    }

    /// What `docs/settings.md` says where the settings are explained.
    @Test(arguments: [
        ("api.public_url", "https://example.org/sightline"), ("api.trusted_proxies", "127.0.0.1"),
    ])
    func whereAProxyLetsOthersInNothingOnThisMachineIsCalled(key: String, value: String) throws {
        #expect(try Self.settings(flags: ["host": "127.0.0.1"]).callbacks.network.allowsLoopback)
        let settings = try Self.settings(flags: ["host": "127.0.0.1", key: value])
        #expect(!settings.callbacks.network.allowsLoopback && !settings.media.network.allowsLoopback)
        let named = try Self.settings(flags: [
            "host": "127.0.0.1", key: value, "callbacks.allowed_networks": "127.0.0.1",
        ])
        let address = try #require(NetworkAddress("127.0.0.1"))
        #expect(throws: Never.self) { try named.callbacks.network.check(address) }
        #expect(throws: AddressError.self) { try settings.callbacks.network.check(address) }
    }

    @Test func logRetentionIsOffUnlessSwitchedOnAndTakesItsSettings() throws {
        #expect(try Self.settings().logRetention == LogRetentionConfiguration())
        let given = try Self.settings(environment: [
            "SIGHTLINE_LOGS_RETENTION_ACTIVE": "1", "SIGHTLINE_LOGS_RETENTION_INTERVAL": "3",
            "SIGHTLINE_LOGS_RETENTION_INTERVAL_TYPE": "hours", "SIGHTLINE_LOGS_RETENTION_CHECK_INTERVAL": "1.5",
        ]).logRetention
        var expected = LogRetentionConfiguration()
        (expected.isActive, expected.interval, expected.unit) = (true, 3, .hours)
        expected.checkInterval = .milliseconds(1500)
        #expect(given == expected)
    }

    @Test func aModelsCardBringsTrackerThresholdsAndTheOperatorHasTheLastWord() throws {
        let settings = try Self.settings(environment: ["SIGHTLINE_TRACKER_BIRTH_CONFIDENCE": "0.77"])
        var card = try ModelCardFixture.bundled(Self.home)
        card.thresholds.birth = 0.5
        card.thresholds.still = 0.6
        let tracking = settings.tracker.configuration(for: card.thresholds)
        #expect(tracking.birthConfidence == 0.77)
        #expect(tracking.stillConfidence == 0.6)
    }
}
