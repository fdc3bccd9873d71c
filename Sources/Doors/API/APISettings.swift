public import Foundation
public import Records

/// Everything an operator may tune about what the API does.
public struct APISettings: Hashable, Sendable {
    /// Whether anybody may create an account, as the v6 API has it. Otherwise admins do, and types are what they said.
    public var isRegistrationOpen = false
    /// Analytics of one stream at most.
    public var analyticsLimit = 64
    /// Whether `/metrics` is there.
    public var servesMetrics = true
    /// When the analytics were registered, as the catalogue shows it: this daemon knows them from its start.
    public var startTime = Date.now

    public init() {}

    public static let settings: [Setting<APISettings>] = [
        Setting("open_registration", \.isRegistrationOpen),
        Setting("api.metrics", \.servesMetrics),
    ]
}
