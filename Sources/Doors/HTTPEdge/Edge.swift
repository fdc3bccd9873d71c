import Logging

/// What all connections of one listener share.
struct Edge: Sendable {
    let doors: Doors
    let metrics: RequestMetrics
    let listener: ListenerConfiguration
    let admission: Admission
    /// `nil`: nothing is encrypted.
    let identity: ServerIdentity?
    let logger: Logger
}
