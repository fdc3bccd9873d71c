import Analytics
import Foundation
import Frames
import JSON
import Media
import Records
import Scene

// What handlers' policies of detection and extraction ask for.
extension PictureLooker {
    /// Pictures with several faces are refused.
    public struct SeveralFaces: Error {
        public init() {}
    }
    /// How samples are written: faces as they are aligned, bodies a little smaller.
    private static let facePolicy = SnapshotPolicy(mediaType: .jpeg, quality: 0.95, maximumSize: 0)
    private static let bodyPolicy = SnapshotPolicy(mediaType: .jpeg, quality: 0.95, maximumSize: 640)

    /// - Parameters:
    ///   - describes: whether it is told what faces look like.
    ///   - open: decodes a sample.
    /// - Throws: `SeveralFaces`; what the models and `open` throw.
    func look(
        at picture: HandledPicture, _ policies: HandlerPolicies, describes: Bool,
        open: @Sendable ([UInt8]) async throws -> StillPicture
    ) async throws -> SeenPicture {
        let facts = PictureFacts(picture, file: try await picture.originFile(policies.storage.imageOrigin))
        let wants = FaceWants(policies, describes: describes)
        switch picture.kind {
        case .raw: return try await people(in: picture, policies.detect, wants, facts, open)
        case .faceWarp:
            var person = SeenPerson(picture: facts)
            if policies.detect.detectsFaces {
                let judged = try await judge(warp: picture.still, wants.estimates, wants.checks, picture.bytes)
                if let failed = policies.detect.faceQuality.failed(judged) {
                    let side = JSONValue.face(picture.whole(judged.told(wants.told)), failed, facts.fileName)
                    return SeenPicture(picture, [], filtered: [side])
                }
                person.estimates = judged.estimates
                person.face = SeenPerson.Side(
                    detection: picture.whole(judged.told(wants.told)), sample: try await picture.sampleItself())
                if describes { person.described = try await described(warp: picture.still) }
            }
            return SeenPicture(picture, person.face == nil ? [] : [person])
        case .bodyWarp:
            var person = SeenPerson(picture: facts)
            person.body = SeenPerson.Side(detection: picture.whole([:]), sample: try await picture.sampleItself())
            return SeenPicture(picture, [person])
        }
    }

    private func people(
        in picture: HandledPicture, _ policy: DetectPolicy, _ wants: FaceWants, _ facts: PictureFacts,
        _ open: @Sendable ([UInt8]) async throws -> StillPicture
    ) async throws -> SeenPicture {
        let still = picture.still
        let people = policy.detectsBodies || policy.countsPeople ? try await self.people(in: still) : nil
        let found = policy.detectsFaces ? try await self.faces(in: still, at: picture.face) : []
        guard let chosen = policy.multiface.chosen(from: found) else { throw SeveralFaces() }
        let judged = try await judge(chosen, wants.estimates, wants.checks, in: still, picture.bytes)
        let gate = FaceGate(policy)
        let faces = zip(chosen, judged).map { face, judged in
            let reasons = gate.reasons(face).map(\.wire) + (policy.faceQuality.failed(judged) ?? [])
            return (face: face, judged: judged, reasons: reasons)
        }
        var bodies = policy.detectsBodies ? people?.bodies ?? [] : []
        if let box = picture.body, policy.detectsBodies { bodies = [bodies.best(at: box)].compactMap(\.self) }
        let needsFace = policy.multiface != .all && policy.detectsFaces
        var seen: [SeenPerson] = []
        for parts in PersonParts.join(faces: chosen.map(\.detection.box), bodies: bodies.map(\.box)) {
            var person = SeenPerson(picture: facts)
            if let number = parts.face, faces[number].reasons.isEmpty {
                let (face, judged, _) = faces[number]
                let sample = try face.sample(in: still, Self.facePolicy).map { try HandledPicture.File($0) }
                person.estimates = judged.estimates
                person.face = SeenPerson.Side(
                    detection: .detection(face.detection, judged.told(wants.told, points: face.detection.landmarks)),
                    sample: sample.map(SeenPerson.Sample.file) ?? .missing)
                if wants.describes, let sample {
                    person.described = try await described(
                        warp: try await open(sample.bytes), pose: face.pose ?? HeadPose(yaw: 0, pitch: 0, roll: 0))
                }
            }
            if let number = parts.body, person.face != nil || !needsFace {
                person.body = try still.body(bodies[number], Self.bodyPolicy)
            }
            if person.face != nil || person.body != nil { seen.append(person) }
        }
        return SeenPicture(
            picture, seen,
            filtered: faces.filter { !$0.reasons.isEmpty }.map { face, judged, reasons in
                let members = judged.told(wants.told, points: face.detection.landmarks)
                return JSONValue.face(.detection(face.detection, members), reasons, facts.fileName)
            }, estimations: policy.countsPeople ? people.map { JSONValue.counted($0.counted, policy) } : nil)
    }
}

/// What is to be found out of faces, and what of it is told in their detections.
private struct FaceWants {
    let estimates, told: FaceEstimateSet
    let checks: FaceQualityPolicy
    let describes: Bool

    init(_ policies: HandlerPolicies, describes: Bool) {
        told = policies.detect.told
        estimates = policies.extract.extractsBasicAttributes ? told.union(.basicAttributes) : told
        (checks, self.describes) = (policies.detect.faceQuality, describes)
    }
}

extension SeenPicture {
    fileprivate init(
        _ picture: HandledPicture, _ people: [SeenPerson], filtered: [JSONValue] = [], estimations: JSONValue? = nil
    ) {
        (self.people, self.filtered, self.estimations) = (people, filtered, estimations)
        exif = picture.still.exif.map(JSONValue.exif)
    }
}

extension HandledPicture {
    /// With the box that somebody said, where he did.
    fileprivate func whole(_ members: [String: JSONValue]) -> JSONValue {
        guard let box = kind == .faceWarp ? face : body else { return .whole(still.size, members) }
        return .detection(Detection(box: box, confidence: 1), members)
    }
    fileprivate func sampleItself() async throws -> SeenPerson.Sample {
        if let sample { return .stored(sample) }
        return .file(try await file())
    }
    /// Asked for only where it may be that it is to be kept.
    fileprivate func originFile(_ policy: StoragePolicy.ImageOrigin) async throws -> File? {
        guard policy.store.isOn, origin == nil, !policy.usesReferences || reference == nil else { return nil }
        return try await file()
    }
}

extension HandledPicture.File {
    fileprivate init(_ snapshot: Snapshot) throws {
        self.init(bytes: try snapshot.bytes, contentType: snapshot.mediaType.contentType)
    }
}

extension StillPicture {
    /// A body with its crop.
    fileprivate func body(_ body: Detection, _ policy: SnapshotPolicy) throws -> SeenPerson.Side {
        let region = boxInPicture(body.box).pixels(in: picture.size)
        let sample = try region.map { try HandledPicture.File(picture.snapshot(policy, of: $0)) }
        return SeenPerson.Side(
            detection: .detection(body), sample: sample.map(SeenPerson.Sample.file) ?? .missing)
    }
}

extension JSONValue {
    /// An item of `filtered_detections.face_detections`.
    fileprivate static func face(_ detection: JSONValue, _ reasons: [JSONValue], _ fileName: String) -> JSONValue {
        [
            "filter_reasons": .array(reasons),
            "detection": ["filename": .string(fileName), "sample": ["detection": detection]],
        ]
    }
    fileprivate static func counted(_ people: [Headcount.Person], _ policy: DetectPolicy) -> JSONValue {
        var count: [String: JSONValue] = ["count": .integer(Int64(people.count))]
        if policy.showsPlaces { count["coordinates"] = .coordinates(people.map(\.box.center)) }
        return ["people": .object(count)]
    }
}
