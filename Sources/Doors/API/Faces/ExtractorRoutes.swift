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
        let aggregates: Bool
        /// Of a descriptor, see `Look`.
        let leastScore: Double
        let lifetime: Int

        init(_ query: Query) throws {
            if try query.flag("extract_basic_attributes") { throw APIError.noFeature("Basic attributes") }
            guard try query.flag("extract_descriptor", orElse: true) else {
                throw Refusal.badQuery("extract_descriptor")
            }
            aggregates = try query.flag("aggregate_attributes")
            leastScore = try query.number("score_threshold", in: 0...1) ?? 0
            lifetime = try query.integer("ttl", in: FaceAttribute.lifetimes) ?? FaceAttribute.standardLifetime
        }
    }

    /// What was seen of somebody.
    private struct Look: Sendable {
        let samples: [UUID]
        let face: DescribedFace
    }

    @Sendable private func extract(_ call: Call) async throws -> Response {
        let wishes = try Wishes(call.query), desk = services.pictures, account = call.caller.account.id
        let samples = try await call.body().items(minimum: 1, maximum: SentPicture.mostReferences).map { try $0.id() }
        guard desk.looker.describesFaces else { throw APIError.noFeature("Face descriptor") }
        let reading = PictureDesk.Reading(isTurned: false, samples: [.faceSample], isFaceWarp: true)
        var looks = try await desk.inTurn(in: services.store) {
            samples.map { SentPicture(source: .sample($0)) }
        } look: { sent in
            let results = try await desk.forEach(sent, reading, of: account, in: services.store) { picture in
                guard let face = try await desk.looker.described(warp: picture.still) else {
                    throw Refusal.internalError
                }
                return face
            }
            return try zip(samples, results).map { Look(samples: [$0], face: try $1.get()) }
        }
        if wishes.aggregates { looks = [try Self.together(looks)] }
        var answers: [JSONValue] = []
        for look in looks { answers.append(try await keep(look, wishes, call)) }
        return .json(.array(answers), status: .created)
    }

    /// All of them show one person.
    private static func together(_ looks: [Look]) throws -> Look {
        guard let mean = DescribedFace.mean(of: looks.map(\.face)) else { throw Refusal.internalError }
        return Look(samples: looks.flatMap(\.samples), face: mean)
    }

    private func keep(_ look: Look, _ wishes: Wishes, _ call: Call) async throws -> JSONValue {
        var object: [String: JSONValue] = [
            "samples": FeatureForm.ids(look.samples), "score": .number(look.face.score), "attribute_id": .null,
            "url": .null, "external_url": .null,
        ]
        var reasons: [FilterReason] = []
        if look.face.score < wishes.leastScore {
            reasons = [.init(filter: "score_threshold", value: look.face.score, threshold: wishes.leastScore)]
        } else {
            let attribute = try await services.store.createAttribute(
                FaceFeatures(descriptor: look.face.descriptor, descriptorSamples: look.samples),
                lifetime: wishes.lifetime,
                account: call.caller.account.id)
            let path = FaceAttribute.path(of: attribute.id)
            object["attribute_id"] = .string(attribute.id.wire)
            object["url"] = .string(path)
            object["external_url"] = .string("\(call.context.baseURL)\(path)")
        }
        object["filter"] = ["is_filtered": .bool(!reasons.isEmpty), "filter_reasons": .reasons(reasons)]
        return .object(object)
    }
}
