/// A setting that cannot be used, as the operator reads it.
public struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    public let key: String
    /// Passwords of addresses in it are `***`.
    public let found: String
    public let wanted: String

    public init(key: String, found: String, wanted: String) {
        (self.key, self.found, self.wanted) = (key, Redaction.redacted(found), wanted)
    }

    public var description: String {
        "Setting '\(key)' (environment: \(Self.environmentName(key))) is '\(found)', but wanted: \(wanted)."
    }
    /// The variable that a setting is taken from.
    public static func environmentName(_ key: String) -> String {
        "SIGHTLINE_" + key.uppercased().replacing(".", with: "_")
    }
}
