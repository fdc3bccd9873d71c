import Foundation
import HTTPEdge
import Hummingbird
import JSON
import Media
import ObjectStore
import Recognition
import Records
import Store

/// `/6/iso`: whether pictures are portraits after ISO/IEC 19794-5. Nothing is kept.
struct ISORoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        table.add(
            "/6/iso", .post(.right(.resources, .iso), body: .bytes(limit: services.settings.pictureLimit), judge))
    }

    private static let checks = FaceQualityPolicy(isEstimated: true, of: PortraitCheck.ofISO)

    @Sendable private func judge(_ call: Call) async throws -> Response {
        let query = call.query, desk = services.pictures
        let isWarp = try query.integer("image_type", in: 0...1) == 1
        let several = FaceQuery.Policy(rawValue: try query.integer("multiface_policy", in: 0...2) ?? 0)!
        if !isWarp, !desk.looker.findsFaces { throw APIError.noFeature("Face detection") }
        let reading = PictureDesk.Reading(
            isTurned: !isWarp, readsEXIF: try query.flag("extract_exif"),
            samples: isWarp ? [.faceSample] : [.faceSample, .bodySample], isFaceWarp: isWarp)
        let upload = try await services.receivePictures(call)
        return try await desk.inTurn(in: services.store) {
            try SentPicture.read(
                try await upload.bytes(), contentType: call.request.headers[.contentType], areCrops: isWarp)
        } look: { sent in
            let results = try await desk.forEach(sent, reading, of: call.caller.account.id, in: services.store) {
                picture in
                var members: [String: JSONValue] = [:]
                members["estimations"] = .array(
                    try await isWarp ? [verdict(onWarp: picture)] : verdicts(onFacesIn: picture, several))
                if let exif = picture.still.exif { members["exif"] = .exif(exif) }
                return members
            }
            let form = AnswerForm(for: call)
            let images = zip(sent, results).map { Self.wire($0.fileName ?? "raw image", $1) }
            return .bytes(form.bytes(["images": .array(images)]), type: form.rawValue)
        }
    }

    private static func wire(_ name: String, _ result: Result<[String: JSONValue], APIError>) -> JSONValue {
        let told: [String: JSONValue], error: APIError
        switch result {
        case .success(let found): (told, error) = (found, .success)
        case .failure(let found): (told, error) = (["estimations": []], found)
        }
        let whole: [String: JSONValue] = [
            "filename": .string(name), "status": error == .success ? 1 : 0, "error": error.body,
        ]
        return .object(whole.merging(told) { own, _ in own })
    }
    private static func wire(_ detection: JSONValue) -> JSONValue { ["face": ["detection": detection]] }

    private func verdicts(
        onFacesIn picture: PictureDesk.Opened, _ several: FaceQuery.Policy
    ) async throws -> [JSONValue] {
        let still = picture.still, looker = services.pictures.looker
        let faces = try several.choose(from: try await looker.faces(in: still, at: picture.sent.face))
        let judged = try await looker.judge(faces, [], Self.checks, in: still, picture.bytes)
        return zip(faces, judged).map { face, judged in
            Self.wire(.detection(face.detection, ["iso": judged.portrait?.wire ?? .null]))
        }
    }
    private func verdict(onWarp picture: PictureDesk.Opened) async throws -> JSONValue {
        let judged = try await services.pictures.looker.judge(
            warp: picture.still, [], Self.checks, picture.bytes)
        return Self.wire(["iso": judged.portrait?.wire ?? .null])
    }
}
