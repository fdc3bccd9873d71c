/// Where a stream's events go. Implementations: the event hub of the daemon, the file writer of `analyze`, a collector in tests.
public protocol EventSink: Sendable {
    /// Takes the changes one frame brought, by analytic. Returns only when every `opened` and `closed` among them is durable.
    func record(_ updates: [AnalyticUpdates]) async throws
    /// Takes notice that an analytic could not handle a frame; the stream goes on.
    /// - Parameter reason: a sentence for the stream's owner.
    func fail(_ analytic: EventOrigin, _ reason: String) async
}
