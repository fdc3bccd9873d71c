import Analytics
import Foundation
import Frames
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

/// `/6/sdk`: all that can be told of pictures, of which nothing is kept.
struct SDKRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        table.add(
            "/6/sdk", .post(.right(.resources, .sdk), body: .bytes(limit: services.settings.pictureLimit), look))
    }

    private static let flagsWithoutModel: Set<String> = [
        "estimate_mask", "estimate_glasses", "estimate_liveness", "estimate_deepfake", "estimate_face_descriptor",
        "estimate_body_descriptor", "estimate_upper_body",
        "estimate_lower_body", "estimate_accessories", "estimate_body_basic_attributes", "mask_states",
        "liveness_states", "deepfake_states",
    ]

    private static let estimates = Set(FaceEstimateFlag.allCases).subtracting([.detectedLandmarks68])

    /// What the query asks for.
    private struct Wishes: Sendable {
        enum Kind: Int { case raw, faceWarp, bodyWarp }
        let kind: Kind
        let face: FaceQuery
        let findsFaces, findsBodies, countsPeople, showsPlaces, showsPoints, cutsFaces, cutsBodies, aggregates: Bool

        init(_ query: Query, _ looker: PictureLooker) throws {
            kind = Kind(rawValue: try query.integer("image_type", in: 0...2) ?? 0)!
            face = try FaceQuery(query, SDKRoutes.estimates)
            (findsFaces, findsBodies) = (try query.flag("detect_face"), try query.flag("detect_body"))
            countsPeople = try query.flag("estimate_people_count")
            showsPlaces = try query.flag("people_count_coordinates", orElse: true)
            showsPoints = try query.flag("estimate_landmarks5")
            (cutsFaces, cutsBodies) = (try query.flag("estimate_face_warp"), try query.flag("estimate_body_warp"))
            aggregates = try query.flag("aggregate_attributes")
            try MissingFeature.check(query, SDKRoutes.flagsWithoutModel)
            try looker.expect(face.wanted)
            if findsFaces, kind == .raw, !looker.findsFaces { throw APIError.noFeature("Face detection") }
        }
        /// Whether anything is asked for that crops have.
        var tellsCrops: Bool {
            switch kind {
            case .raw: false
            case .faceWarp: findsFaces || cutsFaces || !face.wanted.isEmpty
            case .bodyWarp: findsBodies || cutsBodies
            }
        }
        var reading: PictureDesk.Reading {
            let kinds: [StoredObject.Kind] =
                switch kind {
                case .raw: [.faceSample, .bodySample]
                case .faceWarp: [.faceSample]
                case .bodyWarp: [.bodySample]
                }
            return PictureDesk.Reading(
                isTurned: kind == .raw && face.isTurned, readsEXIF: face.readsEXIF, samples: kinds,
                isFaceWarp: kind == .faceWarp, isBodyWarp: kind == .bodyWarp)
        }
    }
    /// Which hold pictures.
    private static let pictureMembers: Set = ["warp"]

    @Sendable private func look(_ call: Call) async throws -> Response {
        let desk = services.pictures
        let wishes = try Wishes(call.query, desk.looker)
        let upload = try await services.receivePictures(call)
        return try await desk.inTurn(in: services.store) {
            try SentPicture.read(
                try await upload.bytes(), contentType: call.request.headers[.contentType],
                areCrops: wishes.kind != .raw)
        } look: { sent in
            let results = try await desk.forEach(
                sent, wishes.reading, of: call.caller.account.id, in: services.store
            ) { try await findings(in: $0, wishes) }
            var answer: [String: JSONValue] = [
                "images_estimations": .array(
                    zip(sent, results).map { picture, result in
                        let name = JSONValue.string(picture.fileName ?? "raw image")
                        switch result {
                        case .success(let found): return .object(found.members.merging(["filename": name]) { $1 })
                        case .failure(let error): return ["filename": name, "error": error.body]
                        }
                    })
            ]
            if wishes.aggregates {
                answer["aggregate_estimations"] = Self.together(results.flatMap { (try? $0.get())?.estimates ?? [] })
            }
            let form = AnswerForm(for: call)
            return .bytes(form.bytes(.object(answer), bytesIn: Self.pictureMembers), type: form.rawValue)
        }
    }

    /// Of what can be estimated, emotions are aggregated: their mean over all faces, who are to be one person.
    private static func together(_ estimates: [FaceEstimates]) -> JSONValue {
        var face: [String: JSONValue] = [:]
        if let emotions = Emotions.mean(of: estimates.compactMap(\.emotions)) { face["emotions"] = JSONValue(emotions) }
        return ["face": ["attributes": .object(face)], "body": ["attributes": [:]]]
    }

    /// What there is to tell of one picture.
    private struct Findings: Sendable {
        var members: [String: JSONValue]
        /// Of its faces.
        var estimates: [FaceEstimates] = []
    }

    private func findings(in picture: PictureDesk.Opened, _ wishes: Wishes) async throws -> Findings {
        var found = Findings(members: ["image_estimations": [:]])
        if let exif = picture.still.exif { found.members["exif"] = .exif(exif) }
        switch wishes.kind {
        case .raw: try await look(at: picture, wishes, &found)
        case _ where !wishes.tellsCrops: found.members["estimations"] = []
        case .faceWarp:
            let warp = picture.still
            found.estimates = [try await services.pictures.looker.estimates(wishes.face.wanted, ofWarp: warp)]
            var face = found.estimates[0].wire
            if wishes.cutsFaces { face["warp"] = try Self.text(warp.picture.snapshot(Self.policy)) }
            found.members["estimations"] = [["face": ["detection": .whole(warp.size, face)], "body": nil]]
        case .bodyWarp:
            let warp = picture.still
            var body: [String: JSONValue] = [:]
            if wishes.cutsBodies { body["warp"] = try Self.text(warp.picture.snapshot(Self.policy)) }
            found.members["estimations"] = [["face": nil, "body": ["detection": .whole(warp.size, body)]]]
        }
        return found
    }

    private func look(at picture: PictureDesk.Opened, _ wishes: Wishes, _ told: inout Findings) async throws {
        let still = picture.still, looker = services.pictures.looker
        let people = wishes.findsBodies || wishes.countsPeople ? try await looker.people(in: still) : nil
        let found = wishes.findsFaces ? try await looker.faces(in: still, at: picture.sent.face) : []
        let faces = try LookedAtFaces(found, wishes.face)
        var bodies = wishes.findsBodies ? people?.bodies ?? [] : []
        if let box = picture.sent.body, wishes.findsBodies {
            bodies = [bodies.best(at: box)].compactMap(\.self)
        }
        let pairs = Self.pairs(faces, bodies, wishes)
        told.estimates = try await looker.estimates(wishes.face.wanted, of: pairs.compactMap(\.face), in: still)
        var estimates = told.estimates[...]
        var estimations: [JSONValue] = []
        for pair in pairs {
            estimations.append([
                "face": try pair.face.map { try wire($0, estimates.removeFirst(), still, wishes) } ?? .null,
                "body": try pair.body.map { try Self.wire($0, still, wishes) } ?? .null,
            ])
        }
        told.members["estimations"] = .array(estimations)
        if wishes.countsPeople, let people = people?.counted {
            var count: [String: JSONValue] = ["count": .integer(Int64(people.count))]
            if wishes.showsPlaces { count["coordinates"] = .coordinates(people.map(\.box.center)) }
            told.members["image_estimations"] = ["people": .object(count)]
        }
    }

    /// Faces that were filtered out are not told; their bodies are, where bodies are looked for by themselves.
    private static func pairs(
        _ faces: LookedAtFaces, _ bodies: [Detection], _ wishes: Wishes
    ) -> [(face: FoundFace?, body: Detection?)] {
        let all = faces.kept + faces.rejected.map(\.face)
        let needsFace = wishes.face.policy != .all && wishes.findsFaces
        var pairs: [(face: FoundFace?, body: Detection?)] = []
        for parts in PersonParts.join(faces: all.map(\.detection.box), bodies: bodies.map(\.box)) {
            var face: FoundFace?
            if let number = parts.face, number < faces.kept.count { face = all[number] }
            var body: Detection?
            if let number = parts.body, face != nil || !needsFace { body = bodies[number] }
            if face != nil || body != nil { pairs.append((face, body)) }
        }
        return pairs
    }

    private func wire(
        _ face: FoundFace, _ estimates: FaceEstimates, _ still: StillPicture, _ wishes: Wishes
    ) throws -> JSONValue {
        var members = face.wire(estimates.wire, showsPoints: wishes.showsPoints)
        if wishes.cutsFaces { members["warp"] = try face.sample(in: still, Self.policy).map(Self.text) ?? .null }
        return ["detection": .detection(face.detection, members)]
    }
    private static func wire(_ body: Detection, _ still: StillPicture, _ wishes: Wishes) throws -> JSONValue {
        var members: [String: JSONValue] = [:]
        if wishes.cutsBodies {
            let region = still.boxInPicture(body.box).pixels(in: still.picture.size)
            members["warp"] = try region.map { try text(still.picture.snapshot(policy, of: $0)) } ?? .null
        }
        return ["detection": .detection(body, members)]
    }

    /// Of faces and bodies that are cut out.
    private static let policy = SnapshotPolicy(mediaType: .jpeg, quality: 0.95, maximumSize: 640)
    private static func text(_ snapshot: Snapshot) throws -> JSONValue {
        .string(Data(try snapshot.bytes).base64EncodedString())
    }
}
