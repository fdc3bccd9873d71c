import JSON
public import Records
public import Scene

/// Reports a crowd: enough people in the frame, for as long as there are.
///
/// People are those whom the tracker follows, also through a frame in which the detector misses them, and those whom the
/// detector is sure of and the tracker does not know yet: that halves the error of counting detections alone, at two
/// frames per second as at ten. A frame qualifies when at least `peopleCountThreshold` of them are centred in `droi`.
/// `EpisodeGate` says when an event begins and ends; its maximum and its picture come from qualifying frames, those of
/// the probe included. With a threshold of 0 the event lasts as long as the stream.
public struct PeopleCount: Analytic {
    /// A detection that overlaps somebody followed by at least this is that person.
    private static let samePersonOverlap: Float = 0.3
    /// Analysed frames in which somebody must be found before a missed frame is bridged.
    private static let probeCount = 3

    public let parameters: PeopleCountParameters
    private var gate: EpisodeGate
    private var region: RegionGate
    /// The crowd being probed or reported.
    private var episode: Episode<Crowd>?
    private var isOpen = false

    public init(parameters: PeopleCountParameters) {
        self.parameters = parameters
        gate = EpisodeGate(probeCount: parameters.shared.probeCount)
        region = RegionGate(parameters.droi)
    }

    public var requirements: AnalyticRequirements {
        let shared = parameters.shared
        return AnalyticRequirements(
            rate: shared.rate, roi: shared.roi, tracking: TrackingRequirement(probeCount: Self.probeCount),
            model: shared.model)
    }

    public mutating func observe(_ observation: Observation) -> [EventUpdate] {
        let zone = region.zone(in: observation.frameSize)
        let people = Self.boxes(in: observation).map(\.center).filter { zone?.contains($0) ?? true }
        let sighting = Crowd(
            time: observation.time, people: people, showsCoordinates: parameters.targets.contains(.coordinates))
        let policy = parameters.shared.snapshotPolicy, isKept = parameters.targets.contains(.overview)
        func snapshot() -> Snapshot? { isKept ? observation.snapshot(policy) : nil }

        switch gate.observe(people.count >= parameters.peopleCountThreshold, at: observation.time.pts) {
        case .idle:
            episode = nil
            return []
        case .probing(let isFirst):
            begin(isFirst, with: sighting, snapshot: snapshot)
            return []
        case .opened(let isFirst):
            begin(isFirst, with: sighting, snapshot: snapshot)
            isOpen = true
            return (episode?.opened()).map { [$0] } ?? []
        case .continued:
            return episode?.continued(with: sighting, snapshot: snapshot) ?? []
        case .paused:
            return []
        case .closed:
            return finish()
        }
    }

    /// Everybody in a frame: first those who are followed, longest first.
    private static func boxes(in observation: Observation) -> [BoundingBox] {
        let followed = observation.tracks.filter { $0.phase == .confirmed }.map(\.box)
        let others = observation.detections.map(\.box).filter { box in
            !followed.contains { $0.iou(with: box) >= samePersonOverlap }
        }
        return followed + others
    }

    public mutating func finish() -> [EventUpdate] {
        defer { (episode, isOpen) = (nil, false) }
        guard isOpen, let episode else { return [] }
        return [episode.closed()]
    }

    private mutating func begin(_ isFirst: Bool, with sighting: Crowd, snapshot: () -> Snapshot?) {
        if isFirst || episode == nil {
            episode = Episode(first: sighting, policy: parameters.shared.eventPolicy, snapshot: snapshot)
        } else {
            episode?.add(sighting, snapshot: snapshot)
        }
    }
}

extension AnalyticKind {
    static let peopleCount = AnalyticKind(name: "people_count", resultName: "crowd") { reader throws(JSONViolation) in
        let parameters = try PeopleCountParameters(reader)
        return PreparedAnalytic(
            PeopleCount(parameters: parameters), callbacks: parameters.shared.callbacks,
            regions: [parameters.shared.roi.map { .roi($0) }, parameters.droi.map { .filter($0) }].compactMap { $0 })
    }
}
