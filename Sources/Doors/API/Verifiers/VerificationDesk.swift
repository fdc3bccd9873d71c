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
        /// `nil` where the network gives no descriptor.
        var described: DescribedFace?
        var basic: AgeAndGender?
        /// As answers tell the detection; `nil` where there was none.
        var detection: JSONValue?
        /// The aligned face.
        var sample: (bytes: [UInt8], type: String)?
    }

    // MARK: What is looked at

    func verify(_ descriptor: Descriptor) async throws -> JSONValue {
        try await tell(Look(described: DescribedFace(descriptor: descriptor, score: 1)))
    }

    func verify(facesIn picture: PictureDesk.Opened) async throws -> Detections {
        let still = picture.still, looker = services.pictures.looker, detect = policies.detect
        let faces = try detect.multiface.choose(from: try await looker.faces(in: still, at: picture.sent.face))
        let judged = try await looker.judge(faces, wanted, detect.faceQuality, in: still, picture.bytes)
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
            let described = try await looker.described(
                warp: try await services.pictures.open(sample: sample.bytes),
                pose: face.pose ?? HeadPose(yaw: 0, pitch: 0, roll: 0))
            detections.verified.append(
                try await tell(
                    Look(
                        described: described, basic: own.estimates.basicAttributes, detection: detection,
                        sample: sample)))
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
            described: try await looker.described(warp: still), basic: judged.estimates.basicAttributes,
            detection: detection, sample: (image.converted ?? picture.bytes, image.contentType))
        detections.verified = [try await tell(look)]
        return detections
    }

    private var wanted: FaceEstimateSet {
        policies.extractsBasicAttributes ? policies.detect.told.union(.basicAttributes) : policies.detect.told
    }
    /// Why a face does not pass; `nil` where it does.
    private func rejection(of judged: JudgedFace, _ reasons: [JSONValue]) -> [JSONValue]? {
        let all = reasons + (policies.detect.faceQuality.failed(judged) ?? [])
        return all.isEmpty ? nil : all
    }

    // MARK: What is told and kept

    private func tell(_ look: Look) async throws -> JSONValue {
        var reasons: [FilterReason] = []
        if let score = look.described?.score, score < policies.leastScore {
            reasons = [.init(filter: "score_threshold", value: score, threshold: policies.leastScore)]
        }
        // What suits recognition too little gives no descriptor.
        let descriptor = reasons.isEmpty ? look.described?.descriptor : nil
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
        if let score = look.described?.score { attributes["score"] = .number(score) }
        if policies.extractsBasicAttributes {
            attributes["basic_attributes"] = look.basic.map { JSONValue($0) } ?? .null
        }
        return [
            "verifications": descriptor.map { candidates.verifications(of: $0, above: policies.threshold) } ?? [],
            "face_attributes": .object(attributes),
            "sample": look.detection.map { ["face": GeneratedEvent.face($0, sample: sample)] } ?? .null,
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
