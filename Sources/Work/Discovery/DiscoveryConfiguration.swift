public import Records

/// Whether cameras may be looked for.
public struct DiscoveryConfiguration: Hashable, Sendable {
    /// Off: a network is asked for its cameras when somebody wants that, and never by itself.
    public var isEnabled = false
    public init() {}

    /// The key of the setting that turns it on; refusals name it.
    public static let enabledKey = "discovery.enabled"
    /// What whoever asks is told while it is off.
    public static let refusal = "Looking for cameras is off; the setting '\(enabledKey)' turns it on"

    public static let settings: [Setting<DiscoveryConfiguration>] = [Setting(enabledKey, \.isEnabled)]
}
