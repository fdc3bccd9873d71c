import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Records

/// `/6/matcher/raw`: how alike descriptors are that are sent. Nothing that is stored is asked for or told.
struct RawMatcherRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        table.add("/6/matcher/raw", .post(.noToken, body: .document(), services.recognizing(match)))
    }

    private static let (referenceLimit, candidateLimit) = (100, 1000)

    @Sendable private func match(_ call: Call) async throws -> Response {
        let body = try await call.body()
        _ = try body.object(known: ["references", "candidates"])
        let references = try Self.descriptors(body.required("references"), limit: Self.referenceLimit)
        let candidates = try Self.descriptors(body.required("candidates"), limit: Self.candidateLimit)
        let matches = references.map { reference -> JSONValue in
            let found = candidates.map { candidate -> JSONValue in
                [
                    "candidate_id": .string(candidate.id),
                    "similarity": .number(reference.descriptor.similarity(to: candidate.descriptor)),
                ]
            }
            return ["reference_id": .string(reference.id), "matches": .array(found)]
        }
        let form = AnswerForm(for: call)
        var response = Response.bytes(form.bytes(["matches": .array(matches)]), type: form.rawValue)
        response.status = .created
        return response
    }
    private static func descriptors(
        _ reader: JSONReader, limit: Int
    ) throws -> [(id: String, descriptor: Descriptor)] {
        try reader.items(minimum: 1, maximum: limit).map { item in
            let reference = try MatchReference(item, of: MatchReference.Kind.withData)
            guard case .descriptor(let descriptor) = reference.subject else { throw Refusal.internalError }
            return (reference.id, descriptor)
        }
    }
}
