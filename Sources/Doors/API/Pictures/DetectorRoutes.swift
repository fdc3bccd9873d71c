import Analytics
import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Media
import ObjectStore
import Recognition
import Records
import Scene
import Store

/// `/6/detector`: finds faces in pictures, and stores each as a sample.
struct DetectorRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    func add(to table: ResourceTable) {
        table.add(
            "/6/detector",
            .post(.right(.faceSample, .creation), body: .bytes(limit: services.settings.pictureLimit), detect))
    }

    private static let flagsWithoutModel: Set<String> = ["estimate_mask"]
    private static let estimates = Set(FaceEstimateFlag.allCases).subtracting([.landmarks68, .basicAttributes])

    @Sendable private func detect(_ call: Call) async throws -> Response {
        let query = call.query, desk = services.pictures
        let isWarp = try query.flag("warped_image"), face = try FaceQuery(query, Self.estimates)
        let checks = FaceQualityPolicy(isEstimated: try query.flag("estimate_face_quality"))
        try MissingFeature.check(query, Self.flagsWithoutModel)
        try desk.looker.expect(face.wanted)
        if !isWarp, !desk.looker.findsFaces { throw APIError.noFeature("Face detection") }
        let reading = PictureDesk.Reading(
            isTurned: !isWarp && face.isTurned, readsEXIF: face.readsEXIF,
            samples: isWarp ? [.faceSample] : [.faceSample, .bodySample], isFaceWarp: isWarp)
        let account = call.caller.account.id
        let upload = try await services.receivePictures(call)
        return try await desk.inTurn(in: store) {
            try await store.checkRoom(for: 0, of: account)
            return try SentPicture.read(
                try await upload.bytes(), contentType: call.request.headers[.contentType], areCrops: isWarp)
        } look: { sent in
            let results = try await desk.forEach(sent, reading, of: account, in: store) { picture in
                if isWarp { return try await keep(warp: picture, face, checks, of: account) }
                return try await keep(facesIn: picture, face, checks, of: account)
            }
            let images = zip(sent, results).map { picture, result in
                Self.wire(picture.fileName ?? "Raw Image", result)
            }
            return .json(["images": .array(images)], status: .created)
        }
    }

    /// What there is to tell of one picture.
    private struct Detections: Sendable {
        var exif: JSONValue?
        var samples: [JSONValue] = []
        var filtered: [JSONValue] = []
    }

    private static func wire(_ name: String, _ result: Result<Detections, APIError>) -> JSONValue {
        var detections = Detections(), error = APIError.success
        switch result {
        case .success(let found): detections = found
        case .failure(let found): error = found
        }
        var members: [String: JSONValue] = [
            "filename": .string(name), "status": error == .success ? 1 : 0, "error": error.body,
            "detections": [
                "samples": .array(detections.samples),
                "filtered_detections": ["face_detections": .array(detections.filtered)],
            ],
        ]
        if let exif = detections.exif { members["exif"] = exif }
        return .object(members)
    }

    private func keep(
        facesIn picture: PictureDesk.Opened, _ query: FaceQuery, _ checks: FaceQualityPolicy, of account: UUID
    ) async throws -> Detections {
        let still = picture.still
        let found = try await services.pictures.looker.faces(in: still, at: picture.sent.face)
        let faces = try LookedAtFaces(found, query)
        var told = Detections(exif: still.exif.map(JSONValue.exif))
        var judged = try await services.pictures.looker.judge(
            faces.kept + faces.rejected.map(\.face), query.wanted, checks, in: still, picture.bytes)[...]
        for face in faces.kept {
            let members = face.wire(judged.removeFirst().wire, showsPoints: true)
            guard let sample = try face.sample(in: still, Services.samplePolicy) else { continue }
            let id = try await services.keepFaceSample(
                sample.bytes, sample.mediaType.contentType, of: account)
            told.samples.append(Self.sample(id, .detection(face.detection, members)))
        }
        told.filtered = faces.rejected.map { face, reasons in
            let members = face.wire(judged.removeFirst().wire, showsPoints: true)
            return ["filter_reasons": .reasons(reasons), "detection": .detection(face.detection, members)]
        }
        return told
    }

    /// A picture that is an aligned face becomes the sample as it came, unless it is of a form that is not given back.
    private func keep(
        warp picture: PictureDesk.Opened, _ query: FaceQuery, _ checks: FaceQualityPolicy, of account: UUID
    ) async throws -> Detections {
        let still = picture.still
        let members = try await services.pictures.looker.judge(warp: still, query.wanted, checks, picture.bytes).wire
        let image = try await services.stills.read { picture.bytes }
        let id = try await services.keepFaceSample(
            image.converted ?? picture.bytes, image.contentType, of: account)
        return Detections(
            exif: still.exif.map(JSONValue.exif), samples: [Self.sample(id, .whole(still.size, members))])
    }

    private static func sample(_ id: UUID, _ detection: JSONValue) -> JSONValue {
        let path = StoredObject.Kind.faceSample.path(of: id)
        return ["face": ["sample_id": .string(id.wire), "url": .string(path), "detection": detection]]
    }
}
