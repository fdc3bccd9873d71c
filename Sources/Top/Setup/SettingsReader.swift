import Configuration
import Foundation
import JSON
import Records

/// Reads settings by key, flag before environment before settings file.
///
/// Every value travels as text, so that a refusal can quote what was found, wherever it came from.
struct SettingsReader {
    private let config: ConfigReader
    /// What was found for the settings that were read, secrets left out.
    private(set) var given: [String: String] = [:]

    /// - Parameters:
    ///   - settings: all there are.
    ///   - flags: given on the command line, by key.
    ///   - file: a JSON object; members of objects in it are keys with a dot (`{"tracker": {"patience": 2}}`).
    /// - Throws: also for a key in the file that is no setting: a misspelt one would be lost without a word.
    init<Root>(
        _ settings: [Setting<Root>], flags: [String: String], environment: [String: String], file: URL?
    ) throws(SettingsError) {
        let kinds = Dictionary(uniqueKeysWithValues: settings.map { ($0.key, $0.kind) })
        // An empty variable is how a unit file or a container says that there is no such secret; it hides none that lies elsewhere.
        let absent = settings.filter { $0.kind == .secret || $0.kind == .path }
            .map { SettingsError.environmentName($0.key) }
        let environment = environment.filter { !$0.value.isEmpty || !absent.contains($0.key) }
        let values = try file.map { (file) throws(SettingsError) in try Self.flattened(file, kinds) } ?? [:]
        config = ConfigReader(providers: [
            InMemoryProvider(name: "flags", values: Self.keyed(flags)),
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: ["sightline"]),
            InMemoryProvider(name: "file", values: Self.keyed(values)),
        ])
    }

    /// Puts what was given for `settings` into `configuration`.
    /// - Throws: for the first value that cannot be used.
    mutating func read<Configuration>(
        _ settings: [Setting<Configuration>], into configuration: inout Configuration
    ) throws(SettingsError) {
        for setting in settings {
            let key = ConfigKey(setting.key.split(separator: ".").map(String.init))
            guard let found = config.string(forKey: key) else { continue }
            try setting.read(found, into: &configuration)
            if setting.kind != .secret { given[setting.key] = found }
        }
    }

    private static func keyed(_ values: [String: String]) -> [AbsoluteConfigKey: ConfigValue] {
        var keyed: [AbsoluteConfigKey: ConfigValue] = [:]
        for (key, value) in values {
            keyed[AbsoluteConfigKey(key.split(separator: ".").map(String.init))] = ConfigValue(
                .string(value), isSecret: false)
        }
        return keyed
    }

    private static func flattened(
        _ file: URL, _ kinds: [String: SettingKind]
    ) throws(SettingsError) -> [String: String] {
        let wanted = "a readable file with one JSON object"
        guard let data = try? Data(contentsOf: file) else {
            throw SettingsError(key: "settings", found: "\(file.path), which cannot be read", wanted: wanted)
        }
        guard let document = try? JSONValue(parsing: data), case .object(let members) = document else {
            throw SettingsError(key: "settings", found: "\(file.path), which is something else", wanted: wanted)
        }
        var flat: [String: String] = [:]
        func add(_ members: [String: JSONValue], under prefix: String) throws(SettingsError) {
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                let key = prefix + name
                if case .object(let inner) = value {
                    try add(inner, under: key + ".")
                    continue
                }
                guard let kind = kinds[key] else {
                    throw SettingsError(
                        key: key, found: "set in \(file.path)",
                        wanted: "no such setting; docs/settings.md lists them all")
                }
                if kind == .secret {
                    throw SettingsError(
                        key: key, found: "set in \(file.path)", wanted: "the environment, or a file of its own")
                }
                flat[key] = value.plainText(kind)
            }
        }
        try add(members, under: "")
        return flat
    }
}

extension JSONValue {
    /// The value as it would be written in the environment: a string without quotes, an array with separators.
    fileprivate func plainText(_ kind: SettingKind) -> String {
        guard let array else { return string ?? text }
        var separator: Character = ","
        if case .list(let own) = kind { separator = own }
        return array.map { $0.string ?? $0.text }.joined(separator: String(separator))
    }
}
