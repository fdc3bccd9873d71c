import Configuration
import Foundation
import JSON

/// Reads settings by key, flag before environment before settings file, and refuses what is out of range.
///
/// Every value travels as text, so that a refusal can quote what was found, wherever it came from.
struct SettingsReader {
    private let config: ConfigReader
    private let fileKeys: Set<String>
    private let filePath: String
    /// Every key that was asked for: what a settings file may hold.
    private(set) var knownKeys: Set<String> = []
    /// What was found for each of them.
    private(set) var given: [String: String] = [:]

    /// - Parameters:
    ///   - flags: given on the command line, by key.
    ///   - file: a JSON object; members of objects in it are keys with a dot (`{"tracker": {"patience": 2}}`).
    init(flags: [String: String], environment: [String: String], file: URL?) throws(SettingsError) {
        var values: [String: String] = [:]
        if let file { values = try Self.flattened(file) }
        fileKeys = Set(values.keys)
        filePath = file?.path ?? ""
        config = ConfigReader(providers: [
            InMemoryProvider(name: "flags", values: Self.keyed(flags)),
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: ["sightline"]),
            InMemoryProvider(name: "file", values: Self.keyed(values)),
        ])
    }

    mutating func text(_ key: String) -> String? {
        knownKeys.insert(key)
        let found = config.string(forKey: ConfigKey(key.split(separator: ".").map(String.init)))
        given[key] = found
        return found
    }

    mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(SettingsError) -> Int? {
        guard let found = text(key) else { return nil }
        guard let value = Int(found), range.contains(value) else {
            let wanted =
                range.upperBound == .max
                ? "a whole number, at least \(range.lowerBound)"
                : "a whole number in \(range.lowerBound)...\(range.upperBound)"
            throw SettingsError(key: key, found: found, wanted: wanted)
        }
        return value
    }

    mutating func number(_ key: String, in range: ClosedRange<Double>) throws(SettingsError) -> Double? {
        guard let found = text(key) else { return nil }
        guard let value = Double(found), range.contains(value) else {
            throw SettingsError(
                key: key, found: found, wanted: "a number in \(range.lowerBound)...\(range.upperBound)")
        }
        return value
    }

    /// Seconds.
    mutating func duration(_ key: String, in range: ClosedRange<Double>) throws(SettingsError) -> Duration? {
        try number(key, in: range).map { .milliseconds(Int64(($0 * 1000).rounded())) }
    }

    mutating func flag(_ key: String) throws(SettingsError) -> Bool? {
        guard let found = text(key) else { return nil }
        switch found.lowercased() {
        case "1", "true": return true
        case "0", "false": return false
        default: throw SettingsError(key: key, found: found, wanted: "0 or 1")
        }
    }

    mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String, of type: Value.Type
    ) throws(SettingsError) -> Value? where Value.RawValue == String {
        guard let found = text(key) else { return nil }
        guard let value = Value(rawValue: found) else {
            throw SettingsError(
                key: key, found: found, wanted: "one of " + Value.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return value
    }

    mutating func list(_ key: String, separator: Character) -> [String]? {
        text(key)?.split(separator: separator).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// Refuses a settings file with a key that nobody asked for: a misspelt one would be lost without a word.
    func checkFile() throws(SettingsError) {
        guard let unknown = fileKeys.subtracting(knownKeys).min() else { return }
        throw SettingsError(
            key: unknown, found: "set in \(filePath)", wanted: "no such setting; docs/settings.md lists them all")
    }

    private static func keyed(_ values: [String: String]) -> [AbsoluteConfigKey: ConfigValue] {
        var keyed: [AbsoluteConfigKey: ConfigValue] = [:]
        for (key, value) in values {
            keyed[AbsoluteConfigKey(key.split(separator: ".").map(String.init))] = ConfigValue(
                .string(value), isSecret: false)
        }
        return keyed
    }

    private static func flattened(_ file: URL) throws(SettingsError) -> [String: String] {
        let wanted = "a readable file with one JSON object"
        guard let data = try? Data(contentsOf: file) else {
            throw SettingsError(key: "settings", found: "\(file.path), which cannot be read", wanted: wanted)
        }
        guard let document = try? JSONValue(parsing: data), case .object(let members) = document else {
            throw SettingsError(key: "settings", found: "\(file.path), which is something else", wanted: wanted)
        }
        var flat: [String: String] = [:]
        func add(_ members: [String: JSONValue], under prefix: String) throws(SettingsError) {
            for (name, value) in members {
                let key = prefix + name
                switch value {
                case .object(let inner): try add(inner, under: key + ".")
                case .array(let items): flat[key] = items.map(\.plainText).joined(separator: listSeparator(of: key))
                default: flat[key] = value.plainText
                }
            }
        }
        try add(members, under: "")
        return flat
    }

    /// Lists of folders are joined as in the environment, where a comma may be part of a path.
    private static func listSeparator(of key: String) -> String { key == "media_roots" ? ":" : "," }
}

extension JSONValue {
    /// The value as it would be written in the environment: a string without quotes.
    fileprivate var plainText: String { string ?? text }
}
