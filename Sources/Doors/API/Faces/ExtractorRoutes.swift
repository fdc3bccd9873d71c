import Analytics
import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Recognition
import Records
import Scene
import Store

/// `/6/extractor`: makes temporary attributes of face samples.
struct ExtractorRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        table.add(
            "/6/extractor",
            .post(.right(.attribute, .creation), body: .json(), services.recognizing(extract)))
    }

    private struct Wishes {
        let aggregates, extractsDescriptor, extractsBasicAttributes: Bool
        /// Of a descriptor, see `Look`.
        let leastScore: Double
        let lifetime: Int

        init(_ query: Query) throws {
            extractsBasicAttributes = try query.flag("extract_basic_attributes")
            extractsDescriptor = try query.flag("extract_descriptor", orElse: true)
            guard extractsDescriptor || extractsBasicAttributes else { throw Refusal.badQuery("extract_descriptor") }
            aggregates = try query.flag("aggregate_attributes")
            leastScore = try query.number("score_threshold", in: 0...1) ?? 0
            lifetime = try query.integer("ttl", in: FaceAttribute.lifetimes) ?? FaceAttribute.standardLifetime
        }
    }

    /// What was seen of somebody.
    private struct Look: Sendable {
        var samples: [UUID] = []
        /// `nil` where it is not wanted what the face looks like.
        var face: DescribedFace?
        /// `nil` also of faces that are too blurred for it.
        var basic: AgeAndGender?
    }

    @Sendable private func extract(_ call: Call) async throws -> Response {
        let wishes = try Wishes(call.query), desk = services.pictures, account = call.caller.account.id
        let samples = try await call.body().items(minimum: 1, maximum: SentPicture.mostReferences).map { try $0.id() }
        if wishes.extractsDescriptor, !desk.looker.describesFaces { throw APIError.noFeature("Face descriptor") }
        if wishes.extractsBasicAttributes { try desk.looker.expect(.basicAttributes) }
        let reading = PictureDesk.Reading(isTurned: false, samples: [.faceSample], isFaceWarp: true)
        var looks = try await desk.inTurn(in: services.store) {
            samples.map { SentPicture(source: .sample($0)) }
        } look: { sent in
            let results = try await desk.forEach(sent, reading, of: account, in: services.store) { picture in
                try await look(at: picture, wishes, desk.looker)
            }
            return try zip(samples, results).map { sample, result in
                var look = try result.get()
                look.samples = [sample]
                return look
            }
        }
        if wishes.aggregates { looks = [try Self.together(looks)] }
        var answers: [JSONValue] = []
        for look in looks { answers.append(try await keep(look, wishes, call)) }
        return .json(.array(answers), status: .created)
    }

    private func look(
        at picture: PictureDesk.Opened, _ wishes: Wishes, _ looker: PictureLooker
    ) async throws -> Look {
        var look = Look()
        if wishes.extractsDescriptor {
            look.face = try await looker.described(warp: picture.still)
            if look.face == nil { throw Refusal.internalError }
        }
        if wishes.extractsBasicAttributes {
            look.basic = try await looker.estimates(.basicAttributes, ofWarp: picture.still).basicAttributes
        }
        return look
    }
    /// All of them show one person.
    private static func together(_ looks: [Look]) throws -> Look {
        let faces = looks.compactMap(\.face), mean = DescribedFace.mean(of: faces)
        if mean == nil, !faces.isEmpty { throw Refusal.internalError }
        return Look(
            samples: looks.flatMap(\.samples), face: mean, basic: AgeAndGender.mean(of: looks.compactMap(\.basic)))
    }

    private func keep(_ look: Look, _ wishes: Wishes, _ call: Call) async throws -> JSONValue {
        var object: [String: JSONValue] = [
            "samples": FeatureForm.ids(look.samples), "attribute_id": .null, "url": .null, "external_url": .null,
        ]
        object["score"] = (look.face?.score).map { .number($0) }
        if wishes.extractsBasicAttributes { object["basic_attributes"] = look.basic.map(JSONValue.init) ?? .null }
        var reasons: [FilterReason] = []
        var features = FaceFeatures(descriptor: look.face?.descriptor)
        if look.face != nil { features.descriptorSamples = look.samples }
        if let basic = look.basic { (features.basic, features.basicSamples) = (BasicAttributes(basic), look.samples) }
        if let face = look.face, face.score < wishes.leastScore {
            reasons = [.init(filter: "score_threshold", value: face.score, threshold: wishes.leastScore)]
        } else if features.descriptor != nil || !features.basic.isEmpty {
            let attribute = try await services.store.createAttribute(
                features, lifetime: wishes.lifetime, account: call.caller.account.id)
            let path = FaceAttribute.path(of: attribute.id)
            object["attribute_id"] = .string(attribute.id.wire)
            object["url"] = .string(path)
            object["external_url"] = .string("\(call.context.baseURL)\(path)")
        }
        object["filter"] = ["is_filtered": .bool(!reasons.isEmpty), "filter_reasons": .reasons(reasons)]
        return .object(object)
    }
}
