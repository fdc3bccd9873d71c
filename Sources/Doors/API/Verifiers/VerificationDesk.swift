import Analytics
import Foundation
import JSON
import Media
import Recognition
import Records
import Scene
import Store

/// Compares the faces of pictures with those that a request names, and keeps of them what a verifier wants kept.
struct VerificationDesk: Sendable {
    let services: Services
    let policies: VerifierPolicies
    let candidates: VerificationCandidates
    let account: UUID

    /// What there is to tell of one picture.
    struct Detections: Sendable {
        var exif: JSONValue?
        var verified: [JSONValue] = []
        var filtered: [JSONValue] = []
    }

    /// A face that was looked at.
    private struct Look {
        let descriptor: Descriptor?
        /// How far it suits recognition, `0...1`; `nil` of a descriptor alone.
        var score: Double?
        var basic: AgeAndGender?
        /// As answers tell the detection; `nil` where there was none.
        var detection: JSONValue?
        /// The aligned face.
        var sample: (bytes: [UInt8], type: String)?
    }

    // MARK: What is looked at

    func verify(_ descriptor: Descriptor) async throws -> JSONValue { try await tell(Look(descriptor: descriptor)) }

    func verify(facesIn picture: PictureDesk.Opened) async throws -> Detections {
        let still = picture.still, looker = services.pictures.looker, detect = policies.detect
        let faces = try LookedAtFaces(
            try await looker.faces(in: still, at: picture.sent.face), FaceQuery(detect, wanted))
        var detections = Detections(exif: still.exif.map(JSONValue.exif))
        for (face, own) in zip(faces, judged) {
            let detection = JSONValue.detection(
                face.detection, own.told(detect.told, points: face.detection.landmarks))
            let reasons = JSONValue.reasons(FaceGate(detect).reasons(face)).array ?? []
            if let all = rejection(of: own, reasons) {
                detections.filtered.append(["filter_reasons": .array(all), "detection": detection])
                continue
            }
            guard let snapshot = try face.sample(in: still, Services.samplePolicy) else { continue }
            let sample = (bytes: try snapshot.bytes, type: snapshot.mediaType.contentType)
            let look = Look(
                descriptor: try await looker.descriptor(ofSample: sample.bytes),
                score: own.estimates.score(face.pose), basic: own.estimates.basicAttributes, detection: detection,
                sample: sample)
            detections.verified.append(try await tell(look))
        }
        for (face, reasons) in faces.rejected {
            let detection = Self.wire(face, judged.removeFirst(), detect)
            detections.filtered.append(["filter_reasons": .reasons(reasons), "detection": detection])
        }
        return detections
    }

    func verify(warp picture: PictureDesk.Opened) async throws -> Detections {
        let still = picture.still, looker = services.pictures.looker, detect = policies.detect
        let judged = try await looker.judge(warp: still, wanted, detect.faceQuality, picture.bytes)
        var detections = Detections(exif: still.exif.map(JSONValue.exif))
        let detection = JSONValue.whole(still.size, judged.told(detect.told))
        if let reasons = rejection(of: judged, []) {
            detections.filtered = [["filter_reasons": .array(reasons), "detection": detection]]
            return detections
        }
        let image = try await services.stills.read { picture.bytes }
        let look = Look(
            descriptor: try await looker.descriptor(ofWarp: still), score: judged.estimates.score(nil),
            basic: judged.estimates.basicAttributes, detection: detection,
            sample: (image.converted ?? picture.bytes, image.contentType))
        detections.verified = [try await tell(look)]
        return detections
    }

    /// What is estimated beside what answers tell: the score is the quality's.
    private var wanted: FaceEstimateSet {
        let basic: FaceEstimateSet = policies.extractsBasicAttributes ? [.basicAttributes] : []
        return policies.detect.told.union(basic).union(.quality)
    }
    private static func wire(_ face: FoundFace, _ judged: JudgedFace, _ detect: DetectPolicy) -> JSONValue {
        .detection(face.detection, face.wire(judged.told(by: detect), showsPoints: true))
    }

    // MARK: What is told and kept

    private func tell(_ look: Look) async throws -> JSONValue {
        var reasons: [FilterReason] = []
        if let score = look.score, score < policies.leastScore {
            reasons = [.init(filter: "score_threshold", value: score, threshold: policies.leastScore)]
        }
        // What suits recognition too little gives no descriptor.
        let descriptor = reasons.isEmpty ? look.descriptor : nil
        var sample: UUID?
        if policies.sample.isStored, let kept = look.sample {
            sample = try await services.keepFaceSample(
                kept.bytes, kept.type, of: account, for: policies.sample.lifetime)
        }
        let basic = look.basic.map { BasicAttributes($0) } ?? BasicAttributes()
        let features = FaceFeatures(
            descriptor: descriptor, descriptorSamples: descriptor == nil ? [] : [sample].compactMap(\.self),
            basic: basic, basicSamples: basic.isEmpty ? [] : [sample].compactMap(\.self))
        let attribute = try await keep(features)
        var attributes: [String: JSONValue] = [
            "attribute_id": attribute.map { .string($0.wire) } ?? .null,
            "url": attribute.map { .string(FaceAttribute.path(of: $0)) } ?? .null,
            "samples": look.sample == nil ? [] : [sample.map { .string($0.wire) } ?? .null],
            "filter": ["is_filtered": .bool(!reasons.isEmpty), "filter_reasons": .reasons(reasons)],
        ]
        if let score = look.score { attributes["score"] = .number(score) }
        if policies.extractsBasicAttributes {
            attributes["basic_attributes"] = look.basic.map { JSONValue($0) } ?? .null
        }
        return [
            "verifications": descriptor.map { candidates.verifications(of: $0, above: policies.threshold) } ?? [],
            "face_attributes": .object(attributes),
            "sample": look.detection.map { .sample(sample, $0) } ?? .null,
        ]
    }

    /// - Returns: the id of the attribute; `nil` where none was made.
    private func keep(_ features: FaceFeatures) async throws -> UUID? {
        guard policies.attribute.isStored, features.descriptor != nil || !features.basic.isEmpty else { return nil }
        return try await services.store.createAttribute(
            features, lifetime: policies.attribute.lifetime, account: account
        ).id
    }
}

extension JSONValue {
    fileprivate static func sample(_ id: UUID?, _ detection: JSONValue) -> JSONValue {
        [
            "face": [
                "sample_id": id.map { .string($0.wire) } ?? .null,
                "url": id.map { .string(StoredObject.Kind.faceSample.path(of: $0)) } ?? .null,
                "detection": detection,
            ]
        ]
    }
}

extension JudgedFace {
    /// The members of a detection, as far as a policy wants them told.
    fileprivate func told(by detect: DetectPolicy) -> [String: JSONValue] {
        var own = self
        own.estimates.wanted.formIntersection(detect.told)
        return own.wire
    }
}

extension FaceEstimates {
    /// How far the face suits recognition; an aligned one does not tell how it was turned.
    fileprivate func score(_ pose: HeadPose?) -> Double? {
        quality.map { FaceQuality($0, pose: pose ?? HeadPose(yaw: 0, pitch: 0, roll: 0)).ags }
    }
}

extension DetectPolicy {
    /// What is told of faces.
    fileprivate var told: FaceEstimateSet {
        estimates.reduce(into: []) { told, estimate in
            switch estimate {
            case .headPose: told.insert(.headPose)
            case .emotions: told.insert(.emotions)
            case .quality: told.insert(.quality)
            case .gaze: told.insert(.gaze)
            case .eyes: told.insert(.eyes)
            case .mouth: told.insert(.mouth)
            case .landmarks68: told.insert(.landmarks68)
            case .mask, .glasses, .exif: break
            }
        }
    }
}

extension FaceQuery {
    /// As a policy has it.
    fileprivate init(_ detect: DetectPolicy, _ wanted: FaceEstimateSet) {
        (policy, gate, self.wanted) = (detect.multiface, FaceGate(detect), wanted)
        (readsEXIF, isTurned) = (detect.estimates.contains(.exif), true)
    }
}
