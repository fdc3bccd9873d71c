import Foundation
import Inference
import JSON
import Pipeline
import Records
import Testing
import Tracking

@testable import Setup

/// `docs/settings.md` against the tables in the code.
struct SettingsPageTests {
    private struct Row {
        let standard, values: String
    }

    /// The page's rows by key. The third column says which values a setting may have.
    private static func rows() throws -> [String: Row] {
        let page = try String(contentsOf: SettingsTests.home.appending(path: "docs/settings.md"), encoding: .utf8)
        var rows: [String: Row] = [:]
        for line in page.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let key = try #require(cells[0].firstMatch(of: /^`([a-z_.]+)`/)).output.1
            #expect(rows.updateValue(Row(standard: cells[1], values: cells[2]), forKey: String(key)) == nil, "\(key)")
        }
        return rows
    }

    @Test func everySettingIsOnThePageAndNothingElse() throws {
        let keys = Settings.all.map(\.key)
        #expect(Set(keys).count == keys.count)
        #expect(Set(try Self.rows().keys) == Set(keys))
    }

    @Test(arguments: Settings.all.map(\.key))
    func thePageHasTheValuesOfTheCode(key: String) throws {
        let setting = try #require(Settings.all.first { $0.key == key })
        let expected =
            switch setting.kind {
            case .integer(let range): "\(range.lowerBound)…\(range.upperBound)"
            case .number(let range): "\(Self.text(range.lowerBound))…\(Self.text(range.upperBound))"
            case .seconds(let range): "\(Self.text(range.lowerBound))…\(Self.text(range.upperBound)) s"
            case .flag: "flag"
            case .choice(let names): names.map { "`\($0)`" }.joined(separator: ", ")
            case .text: "text"
            case .path: "path"
            case .list(let separator): "list (`\(separator)`)"
            case .secret: "secret"
            }
        #expect(try Self.rows()[key]?.values == expected)
    }

    /// What follows from the machine, from another setting or from the model's card, in the page's words.
    private static let derived = [
        "home": "found from the program's place", "key_file": "`DATA_DIR.key`", "data_dir": "`./sightline-data`",
        "media_roots": "`DATA_DIR/media`",
        "media.allow_loopback": "1 while `host` is a loopback address and no proxy is set, else 0",
        "media.schemes": "`file,http,https,rtsp,rtsps,rtmp,rtmps,srt`",
        "engine_dir": "`HOME/.deps/openvino`", "model": "`accurate`", "inference.parallelism": "number of cores",
        "jobs.places": "number of cores and one more",
        "store.disk_reserve": "512 MiB, or 2 % of a disk below 25 GiB",
    ]

    @Test(arguments: Settings.all.map(\.key))
    func thePageHasTheDefaultsOfTheCode(key: String) throws {
        let setting = try #require(Settings.all.first { $0.key == key })
        var settings = try SettingsTests.settings()
        let thresholds = try ModelCardFixture.bundled(SettingsTests.home).thresholds
        settings.tracker.configuration = settings.tracker.configuration(for: thresholds)
        let value = Self.text(setting.shown(in: settings))
        let expected =
            Self.derived[key] ?? (TrackerConfiguration.Confidence(rawValue: key) == nil ? value : "card: \(value)")
        #expect(try Self.rows()[key]?.standard == expected)
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null, []: "none"
        case .string(let text): "`\(text)`"
        default: value.double.map(text) ?? value.text
        }
    }
    private static func text(_ number: Double) -> String {
        Int64(exactly: number).map { "\($0)" } ?? "\(number)"
    }
}
