import Foundation
import JSON
public import Records
public import Scene

/// Reports each person, from the frame in which the tracker first saw them to the last in which it did.
///
/// A tentative track is not yet anyone, and a lost one is nobody's place: of both nothing is said. A person who is found
/// again in time keeps the event; the event ends when the tracker gives the track up.
public struct HumanTracking: Analytic {
    private struct Followed {
        /// The first frame with this track, so that an event can begin before its track was confirmed.
        let firstSight: FrameTime
        var episode: Episode<Person>?
        /// As of the latest frame.
        var track: Track
        /// What was seen before the event began, where that is kept.
        var probes: [Event.Estimation] = []
        /// Age and gender, as its face was seen best.
        var basic = BestAttributes()
        /// What the handler is to be given, of the whole track.
        var shots: [BestShots] = []
    }
    public private(set) var decisions: [any Decision] = []
    public let parameters: HumanTrackingParameters
    private var faceRegion, bodyRegion: RegionGate
    private var keepsEstimations = false
    /// The tracks of the latest frame; rebuilt with each, so whom the tracker forgot is forgotten.
    private var people: [Track.ID: Followed] = [:]

    public init(parameters: HumanTrackingParameters) {
        self.parameters = parameters
        faceRegion = RegionGate(parameters.faceSamples.droi)
        bodyRegion = RegionGate(parameters.bodySamples.droi)
    }

    public var requirements: AnalyticRequirements {
        let shared = parameters.shared
        return AnalyticRequirements(
            rate: shared.rate, roi: shared.roi, tracking: TrackingRequirement(probeCount: shared.probeCount),
            model: parameters.detectorType == .face ? .faces : .people(shared.model),
            confidence: shared.confidence, findsFaces: parameters.detectorType == .human,
            findsFacePoints: parameters.wantsFacePoints, estimates: parameters.estimates, privacy: shared.privacy)
    }

    public mutating func observe(_ observation: Observation) -> [EventUpdate] {
        let picture = PictureOnce(of: observation, policy: parameters.shared.snapshotPolicy)
        var current: [Track.ID: Followed] = [:]
        var changes: [EventUpdate] = []
        let (probeCount, pts) = (parameters.shared.probeCount, observation.time.pts)
        decisions = []
        for track in observation.tracks {
            var person =
                people.removeValue(forKey: track.id)
                ?? Followed(
                    firstSight: observation.time, episode: nil, track: track, shots: parameters.handlerShots)
            let wasOpen = person.episode != nil
            person.track = track
            let isConfirmed = track.phase == .confirmed
            if isConfirmed || keepsEstimations && track.phase == .tentative, let confidence = track.confidence {
                let detection = Detection(box: track.box, confidence: confidence, landmarks: track.landmarks)
                let sighting = sighting(of: detection, face: track.face, of: track.id, in: observation)
                if isConfirmed {
                    person.basic.add(sighting.face, count: parameters.faceSamples.count)
                    changes += see(&person, as: sighting, in: observation, picture).map(person.basic.told(in:))
                } else if person.episode == nil {
                    person.probes.append(sighting.estimation)
                }
            }
            decisions.append(
                PersonDecision(
                    track, probeCount: probeCount, event: person.episode?.eventID, wasOpen: wasOpen, at: pts))
            current[track.id] = person
        }
        for (_, gone) in people.sorted(by: { $0.key < $1.key }) {
            decisions.append(
                PersonDecision(gone: gone.track, probeCount: probeCount, event: gone.episode?.eventID, at: pts))
        }
        let endings = finish()  // of the tracks that are no longer there, and they went before this frame
        people = current
        return endings + changes
    }

    public mutating func finish() -> [EventUpdate] {
        defer { people = [:] }
        return people.sorted { $0.key < $1.key }.compactMap { _, person in
            guard var ending = person.episode?.closed() else { return nil }
            ending.shots = person.shots.flatMap(\.pictures)
            return person.basic.told(in: ending)
        }
    }

    public mutating func keepEstimations() { keepsEstimations = true }

    private mutating func see(
        _ person: inout Followed, as sighting: Person, in observation: Observation, _ picture: PictureOnce
    ) -> [EventUpdate] {
        let policy = parameters.shared.snapshotPolicy
        let isKept = sighting.isSample && parameters.targets.contains(.overview)
        let shots = Shots(
            frame: { isKept ? picture.snapshot() : nil },
            sample: { side in
                switch side {
                case .face: sighting.face?.detection.landmarks.flatMap { observation.aligned(policy, $0) }
                case .body:
                    sighting.body?.detection.box.pixels(in: observation.frameSize).flatMap {
                        observation.snapshot(policy, $0)
                    }
                }
            })

        let beside = person.episode?.eventID ?? UUID()
        for index in person.shots.indices { person.shots[index].add(sighting, beside: beside, shots) }
        if person.episode != nil { return person.episode!.continued(with: sighting, shots) }
        var episode = Episode(
            first: sighting, begin: person.firstSight, policy: parameters.shared.eventPolicy,
            samples: parameters.bestShots, estimations: keepsEstimations ? person.probes : nil, shots: shots)
        person.probes = []
        defer { person.episode = episode }
        return [episode.opened()]
    }

    /// - Parameters:
    ///   - detection: of what is followed, body or face.
    ///   - face: of somebody whose body is followed.
    ///   - track: whose they are.
    private mutating func sighting(
        of detection: Detection, face: Detection?, of track: Track.ID, in observation: Observation
    ) -> Person {
        let size = observation.frameSize, isFace = parameters.detectorType == .face
        let seenFace = isFace ? detection : parameters.detectorType == .human ? face : nil
        return Person(
            time: observation.time,
            face: seenFace.map { self.face($0, observation.estimates[track], in: observation) },
            body: isFace ? nil : body(detection, in: size), targets: parameters.targets)
    }
    private mutating func body(_ detection: Detection, in size: PixelSize) -> Person.Side {
        let samples = parameters.bodySamples
        let isInside = bodyRegion.zone(in: size)?.contains(detection.box.center) ?? true
        return Person.Side(detection: detection, isSample: isInside && detection.confidence >= samples.score)
    }
    private mutating func face(
        _ detection: Detection, _ estimates: FaceEstimates?, in observation: Observation
    ) -> Person.Side {
        let samples = parameters.faceSamples, pose = detection.landmarks.flatMap(HeadPose.init)
        let isInside = faceRegion.zone(in: observation.frameSize)?.contains(detection.box.center) ?? true
        let isStraight = pose?.isWithin(samples.pose) ?? false
        var quality: FaceQuality?
        if let points = detection.landmarks, let pose, parameters.wantsQuality {
            quality = observation.warpQuality(points).map { FaceQuality($0, pose: pose) }
        }
        return Person.Side(
            detection: detection, pose: pose, quality: quality, estimates: estimates,
            isSample: isInside && isStraight && detection.confidence >= samples.score)
    }
}

/// The picture of a frame, made at most once for however many people are in it.
private final class PictureOnce {
    private let observation: Observation
    private let policy: SnapshotPolicy
    private var made: Snapshot??
    init(of observation: Observation, policy: SnapshotPolicy) {
        (self.observation, self.policy) = (observation, policy)
    }

    func snapshot() -> Snapshot? {
        if let made { return made }
        let snapshot = observation.snapshot(policy, nil)
        made = .some(snapshot)
        return snapshot
    }
}

extension AnalyticKind {
    private static let targetsOfBodies: JSONValue = .array(
        HumanTrackingParameters.Target.allCases.filter { $0.side != .face }.map { .string($0.rawValue) })

    static let humanTracking = AnalyticKind(
        name: "human_tracking", resultName: "tracking",
        schemaWithoutFaces: [
            (["properties", "targets", "default"], ["body_detection"]),
            (["properties", "targets", "items", "enum"], targetsOfBodies),
            (["properties", "parameters", "properties", "tracking", "properties", "detector_type", "default"], "body"),
            (["properties", "parameters", "properties", "tracking", "properties", "detector_type", "enum"], ["body"]),
            (["if"], nil), (["then"], nil), (["else"], nil),
        ]
    ) { reader, abilities throws(JSONViolation) in
        let parameters = try HumanTrackingParameters(reader, abilities)
        return PreparedAnalytic(
            HumanTracking(parameters: parameters), callbacks: parameters.shared.callbacks,
            handler: parameters.handlerID, regions: parameters.regions, marking: .tracks,
            inForce: parameters.inForce)
    }
}
