/// When a live source made the processes end that decoded it: the third time within an hour it is given up, so that nobody decodes it
/// for ever. What happens once in weeks ends no stream.
struct DecoderDeaths {
    private static let most = 3
    private static let memory: Duration = .seconds(3600)
    private var times: [ContinuousClock.Instant] = []

    /// Notes one more. Returns whether the source may be opened again.
    mutating func add(at now: ContinuousClock.Instant) -> Bool {
        times.removeAll { now - $0 > Self.memory }
        times.append(now)
        return times.count < Self.most
    }

    /// Before it is opened again.
    static func pause() async throws { try await Task.sleep(for: .milliseconds(500)) }

    /// Why it is given up.
    static func reason(_ last: String) -> String { "\(last) It did so \(most) times within an hour." }
}
