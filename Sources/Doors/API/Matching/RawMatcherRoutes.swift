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

    @Sendable private func match(_ call: Call) async throws -> Response {
        let matches = try RawMatching(try await call.body()).matches { ["similarity": .number($0)] }
        let form = AnswerForm(for: call)
        var response = Response.bytes(form.bytes(["matches": matches]), type: form.rawValue)
        response.status = .created
        return response
    }
}

/// Descriptors that are sent, each to be compared with each.
struct RawMatching: Sendable {
    private typealias Named = (id: String, descriptor: Descriptor)
    private static let (referenceLimit, candidateLimit) = (100, 1000)
    private let references, candidates: [Named]

    init(_ body: JSONReader) throws {
        _ = try body.object(known: ["references", "candidates"])
        references = try Self.descriptors(body.required("references"), limit: Self.referenceLimit)
        candidates = try Self.descriptors(body.required("candidates"), limit: Self.candidateLimit)
    }
    private static func descriptors(_ reader: JSONReader, limit: Int) throws -> [Named] {
        try reader.items(minimum: 1, maximum: limit).map { item in
            let reference = try MatchReference(item, of: MatchReference.Kind.withData)
            guard case .descriptor(let descriptor) = reference.subject else { throw Refusal.internalError }
            return (reference.id, descriptor)
        }
    }

    /// - Parameter tell: what is told of how alike two are.
    func matches(_ tell: (_ similarity: Double) -> [String: JSONValue]) -> JSONValue {
        .array(
            references.map { reference in
                let found = candidates.map { candidate -> JSONValue in
                    var members = tell(reference.descriptor.similarity(to: candidate.descriptor))
                    members["candidate_id"] = .string(candidate.id)
                    return .object(members)
                }
                return ["reference_id": .string(reference.id), "matches": .array(found)]
            })
    }
}
