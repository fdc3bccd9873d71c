import JSON
public import Records
public import Scene

/// Reports a crowd: enough people in the frame, for as long as there are.
///
/// The people are those of the observation's `Headcount`, which is narrowed to `droi`. A frame qualifies when they are at least
/// `peopleCountThreshold`. `EpisodeGate` says when an event begins and ends; its maximum and its picture come from qualifying frames, those of
/// the probe included. With a threshold of 0 the event lasts as long as the stream.
public struct PeopleCount: Analytic {
    /// Analysed frames in which somebody must be found before being followed. Not `probe_count`, which is about the crowd.
    private static let trackingProbe = 3

    public let parameters: PeopleCountParameters
    private var gate: EpisodeGate
    /// The crowd being probed or reported.
    private var episode: Episode<Crowd>?
    private var isOpen = false
    private var keepsEstimations = false
    private var decision: CrowdDecision?
    public var decisions: [any Decision] { decision.map { [$0] } ?? [] }

    public init(parameters: PeopleCountParameters) {
        self.parameters = parameters
        gate = EpisodeGate(probeCount: parameters.shared.probeCount)
    }

    public var requirements: AnalyticRequirements {
        let shared = parameters.shared
        return AnalyticRequirements(
            rate: shared.rate, roi: shared.roi, tracking: TrackingRequirement(probeCount: Self.trackingProbe),
            model: .people(shared.model), confidence: shared.confidence, counting: parameters.droi,
            privacy: shared.privacy)
    }

    public mutating func observe(_ observation: Observation) -> [EventUpdate] {
        let people = observation.headcount.people.map(\.box.center)
        let sighting = Crowd(
            time: observation.time, people: people, showsCoordinates: parameters.targets.contains(.coordinates))
        let policy = parameters.shared.snapshotPolicy, isKept = parameters.targets.contains(.overview)
        let shots = Shots(frame: { isKept ? observation.snapshot(policy, nil) : nil })

        let verdict = gate.observe(people.count >= parameters.peopleCountThreshold, at: observation.time.pts)
        let earlier = isOpen ? episode?.eventID : nil
        defer {
            decision = CrowdDecision(
                people: people.count, threshold: parameters.peopleCountThreshold, gate: gate, verdict: verdict,
                event: isOpen ? episode?.eventID : earlier)
        }
        switch verdict {
        case .idle:
            episode = nil
            return []
        case .probing(let isFirst):
            begin(isFirst, with: sighting, shots)
            return []
        case .opened(let isFirst):
            begin(isFirst, with: sighting, shots)
            isOpen = true
            return (episode?.opened()).map { [$0] } ?? []
        case .continued:
            return episode?.continued(with: sighting, shots) ?? []
        case .paused:
            episode?.doubt(sighting)
            return []
        case .closed:
            return finish()
        }
    }

    public mutating func finish() -> [EventUpdate] {
        defer { (episode, isOpen) = (nil, false) }
        guard isOpen, let episode else { return [] }
        return [episode.closed()]
    }

    public mutating func keepEstimations() { keepsEstimations = true }

    private mutating func begin(_ isFirst: Bool, with sighting: Crowd, _ shots: Shots) {
        if isFirst || episode == nil {
            episode = Episode(
                first: sighting, policy: parameters.shared.eventPolicy, estimations: keepsEstimations ? [] : nil,
                shots: shots)
        } else {
            episode?.add(sighting, shots)
        }
    }
}

extension AnalyticKind {
    static let peopleCount = AnalyticKind(name: "people_count", resultName: "crowd") {
        reader, _ throws(JSONViolation) in
        let parameters = try PeopleCountParameters(reader)
        return PreparedAnalytic(
            PeopleCount(parameters: parameters), callbacks: parameters.shared.callbacks,
            regions: [parameters.shared.roi.map { .roi($0) }, parameters.droi.map { .filter($0) }].compactMap { $0 },
            inForce: parameters.inForce)
    }
}
