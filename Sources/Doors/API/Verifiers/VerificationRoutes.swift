import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import ObjectStore
import Recognition
import Records
import Store

/// `/6/verifiers/{verifier_id}/verifications`: whether faces in pictures are those that are named; `…/raw`: the same of descriptors that are sent.
struct VerificationRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        let open = services.recognizing, limit = services.settings.pictureLimit
        table.add(
            "/6/verifiers/{verifier_id}/verifications", .post(.rightsOfBody, body: .bytes(limit: limit), open(verify)))
        table.add("/6/verifiers/{verifier_id}/raw", .post(.rightsOfBody, body: .document(), open(compare)))
    }

    @Sendable private func compare(_ call: Call) async throws -> Response {
        let threshold = try await services.verifier(usedBy: call).details.policies.threshold
        let matches = try RawMatching(try await call.body()).matches {
            ["similarity": .number($0), "status": .bool($0 > threshold)]
        }
        let form = AnswerForm(for: call)
        return .bytes(form.bytes(["matches": matches]), type: form.rawValue)
    }

    @Sendable private func verify(_ call: Call) async throws -> Response {
        let verifier = try await services.verifier(usedBy: call), query = call.query
        let isWarp = try query.integer("image_type", in: 0...1) == 1
        let isTurned = try query.flag("use_exif_info", orElse: true)
        let candidates = try await VerificationCandidates(call, in: services.store)
        let desk = VerificationDesk(
            services: services, policies: verifier.details.policies, candidates: candidates,
            account: call.caller.account.id)
        let type = MediaType.essence(of: call.request.headers[.contentType] ?? "")
        let images =
            try await SentDescriptor.isOne(type)
            ? [verify(descriptorOf: call, type, desk)]
            : verify(picturesOf: call, desk, isWarp: isWarp, isTurned: isTurned)
        try await MatchDesk(store: services.store, call: call).note(
            searched: [], found: Set(candidates.all.compactMap(\.subject)))
        return .json(["images": .array(images)])
    }

    private func verify(
        descriptorOf call: Call, _ type: String, _ desk: VerificationDesk
    ) async throws -> JSONValue {
        let upload = try await services.receive(call, counts: false)
        let descriptor = try SentDescriptor.read(try await upload.bytes(), type: type)
        let verified = try await desk.verify(descriptor)
        return Self.wire(SentDescriptor.fileName, .success(VerificationDesk.Detections(verified: [verified])))
    }

    private func verify(
        picturesOf call: Call, _ desk: VerificationDesk, isWarp: Bool, isTurned: Bool
    ) async throws -> [JSONValue] {
        let pictures = services.pictures, policies = desk.policies
        guard pictures.looker.describesFaces else { throw APIError.noFeature("Face descriptor") }
        if !isWarp, !pictures.looker.findsFaces { throw APIError.noFeature("Face detection") }
        let reading = PictureDesk.Reading(
            isTurned: !isWarp && isTurned, readsEXIF: policies.detect.estimates.contains(.exif),
            samples: isWarp ? [.faceSample] : [.faceSample, .bodySample], isFaceWarp: isWarp)
        let upload = try await services.receivePictures(call)
        return try await pictures.inTurn(in: services.store) {
            if policies.sample.isStored { try await services.store.checkRoom(for: 0, of: desk.account) }
            return try SentPicture.read(
                try await upload.bytes(), contentType: call.request.headers[.contentType], areCrops: isWarp)
        } look: { sent in
            let results = try await pictures.forEach(sent, reading, of: desk.account, in: services.store) { picture in
                try await isWarp ? desk.verify(warp: picture) : desk.verify(facesIn: picture)
            }
            return zip(sent, results).map { Self.wire($0.fileName ?? GeneratedEvent.rawImage, $1) }
        }
    }

    private static func wire(_ name: String, _ result: Result<VerificationDesk.Detections, APIError>) -> JSONValue {
        var detections = VerificationDesk.Detections(), error = APIError.success
        switch result {
        case .success(let found): detections = found
        case .failure(let found): error = found
        }
        var members: [String: JSONValue] = [
            "filename": .string(name), "status": error == .success ? 1 : 0, "error": error.body,
            "detections": [
                "face_detections": .array(detections.verified),
                "filtered_detections": ["face_detections": .array(detections.filtered)],
            ],
        ]
        if let exif = detections.exif { members["exif"] = exif }
        return .object(members)
    }
}
