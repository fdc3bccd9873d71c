public import Foundation
public import JSON

/// One thing that an operator may set: its key, where its value lies in a configuration, and which values it may have.
///
/// Every configuration has its table, `static let settings`. Reading values, showing them and the test of `docs/settings.md`
/// walk the tables, so that nothing about a setting stands twice; its default is what a new configuration holds.
public struct Setting<Configuration>: Sendable {
    /// As in the settings file: lower case, with dots between section and name.
    public let key: String
    public let kind: SettingKind

    private let take: @Sendable (String, inout Configuration) throws(SettingsError) -> Void
    private let show: @Sendable (Configuration) -> JSONValue

    /// Puts `text` into `configuration`.
    /// - Throws: `SettingsError` for what is no value of this setting.
    public func read(_ text: String, into configuration: inout Configuration) throws(SettingsError) {
        try take(text, &configuration)
    }

    /// The value in force: a number, times in seconds, flags 0 or 1, texts and lists of them.
    public func shown(in configuration: Configuration) -> JSONValue { show(configuration) }

    /// The same setting of a value that holds the configuration.
    public func within<Root>(_ path: any WritableKeyPath<Root, Configuration> & Sendable) -> Setting<Root> {
        Setting<Root>(key: key, kind: kind) { [take] (text, root) throws(SettingsError) in
            try take(text, &root[keyPath: path])
        } show: { [show] in
            show($0[keyPath: path])
        }
    }

    /// A setting that is read and shown in a way of its own.
    public init(
        key: String, kind: SettingKind,
        take: @escaping @Sendable (String, inout Configuration) throws(SettingsError) -> Void,
        show: @escaping @Sendable (Configuration) -> JSONValue
    ) {
        (self.key, self.kind, self.take, self.show) = (key, kind, take, show)
    }

    /// - Parameters:
    ///   - parse: gives `nil` for what is refused with `wanted`.
    ///   - wanted: `nil` means what the kind says.
    public init<Value>(
        _ key: String, _ path: any WritableKeyPath<Configuration, Value> & Sendable, _ kind: SettingKind,
        wanted: String? = nil, parse: @escaping @Sendable (String) -> Value?,
        show: @escaping @Sendable (Value) -> JSONValue
    ) {
        self.init(key: key, kind: kind) { (text, configuration) throws(SettingsError) in
            guard let value = parse(text) else {
                throw SettingsError(key: key, found: text, wanted: wanted ?? kind.wanted)
            }
            configuration[keyPath: path] = value
        } show: {
            show($0[keyPath: path])
        }
    }
}

// MARK: The kinds

extension Setting {
    public init(
        _ key: String, _ path: any WritableKeyPath<Configuration, Int> & Sendable, in range: ClosedRange<Int>
    ) {
        self.init(key, path, .integer(range)) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        } show: {
            .integer(Int64($0))
        }
    }

    public init(
        _ key: String, _ path: any WritableKeyPath<Configuration, Float> & Sendable, in range: ClosedRange<Double>
    ) {
        self.init(key, path, .number(range)) { text in
            Double(text).flatMap { range.contains($0) ? Float($0) : nil }
        } show: {
            // `0.3` for the `Float` nearest to it, not `0.30000001192092896`.
            .number(Double($0.description) ?? Double($0))
        }
    }

    public init(
        _ key: String, _ path: any WritableKeyPath<Configuration, Duration> & Sendable,
        seconds range: ClosedRange<Double>
    ) {
        self.init(key, path, .seconds(range)) { text in
            Double(text).flatMap { range.contains($0) ? .milliseconds(Int64(($0 * 1000).rounded())) : nil }
        } show: {
            .number($0 / .seconds(1))
        }
    }

    public init(_ key: String, _ path: any WritableKeyPath<Configuration, Bool> & Sendable) {
        self.init(key, path, .flag) { text in
            switch text.lowercased() {
            case "1", "true": true
            case "0", "false": false
            default: nil
            }
        } show: {
            $0 ? 1 : 0
        }
    }

    public init<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
        _ key: String, _ path: any WritableKeyPath<Configuration, Choice> & Sendable
    ) {
        self.init(key, path, .choice(Choice.allCases.map(\.rawValue))) {
            Choice(rawValue: $0)
        } show: {
            .string($0.rawValue)
        }
    }

    /// - Parameters:
    ///   - wanted: what the text must be, for the sentence that refuses another.
    ///   - accepts: whether it is.
    public init(
        _ key: String, _ path: any WritableKeyPath<Configuration, String> & Sendable, wanted: String,
        accepts: @escaping @Sendable (String) -> Bool
    ) {
        self.init(key, path, .text, wanted: wanted) {
            accepts($0) ? $0 : nil
        } show: {
            .string($0)
        }
    }

    public init(_ key: String, _ path: any WritableKeyPath<Configuration, String> & Sendable) {
        self.init(key, path, .text) {
            $0
        } show: {
            .string($0)
        }
    }

    public init(_ key: String, _ path: any WritableKeyPath<Configuration, URL> & Sendable) {
        self.init(key, path, .path) {
            URL(fileURLWithPath: $0)
        } show: {
            .string($0.path)
        }
    }
    public init(_ key: String, _ path: any WritableKeyPath<Configuration, URL?> & Sendable) {
        self.init(key, path, .path) {
            .some(URL(fileURLWithPath: $0))
        } show: {
            $0.map { .string($0.path) } ?? .null
        }
    }

    public init(_ key: String, _ path: any WritableKeyPath<Configuration, Secret?> & Sendable) {
        self.init(key, path, .secret) {
            .some(Secret($0))
        } show: {
            $0.map { .string($0.description) } ?? .null
        }
    }

    /// - Parameters:
    ///   - wanted: what an item must be, for the sentence that refuses another.
    ///   - parse: gives `nil` for an item that is refused.
    public init<Item>(
        _ key: String, _ path: any WritableKeyPath<Configuration, [Item]> & Sendable, separator: Character,
        wanted: String,
        parse: @escaping @Sendable (String) -> Item?, show: @escaping @Sendable (Item) -> String
    ) {
        self.init(key: key, kind: .list(separator: separator)) { (text, configuration) throws(SettingsError) in
            var items: [Item] = []
            for part in text.split(separator: separator) {
                let found = part.trimmingCharacters(in: .whitespaces)
                if found.isEmpty { continue }
                guard let item = parse(found) else { throw SettingsError(key: key, found: found, wanted: wanted) }
                items.append(item)
            }
            configuration[keyPath: path] = items
        } show: {
            .array($0[keyPath: path].map { .string(show($0)) })
        }
    }
    public init(
        _ key: String, _ path: any WritableKeyPath<Configuration, [String]> & Sendable, separator: Character
    ) {
        self.init(key, path, separator: separator, wanted: "a text") {
            $0
        } show: {
            $0
        }
    }
    public init(
        _ key: String, _ path: any WritableKeyPath<Configuration, [URL]> & Sendable, separator: Character
    ) {
        self.init(key, path, separator: separator, wanted: "a path") {
            URL(fileURLWithPath: $0)
        } show: {
            $0.path
        }
    }
}
