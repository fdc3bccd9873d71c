import Foundation
import HTTPEdge
import Hummingbird
import JSON
import Records
import Store

/// `/6/matcher/faces`, `/6/matcher/bodies`: who is alike to whom, among those who are stored.
struct MatcherRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        let open = services.recognizing
        table.add("/6/matcher/faces", .post(.rightsOfBody, body: .document(), open(matchFaces)))
        table.add("/6/matcher/bodies", .post(.rightsOfBody, body: .document(), open(matchBodies)))
    }

    private static let limit = 30

    @Sendable private func matchFaces(_ call: Call) async throws -> Response {
        let body = try await call.body()
        _ = try body.object(known: ["references", "candidates"])
        let references = try body.required("references").items(minimum: 1, maximum: Self.limit).map {
            try MatchReference($0)
        }
        let candidates = try body.required("candidates").items(maximum: Self.limit).map {
            try MatchCandidates($0, scope: call.scope)
        }
        return try await answer(references, candidates, in: body, call)
    }

    /// Events alone have bodies.
    @Sendable private func matchBodies(_ call: Call) async throws -> Response {
        let body = try await call.body()
        _ = try body.object(known: ["references", "candidates"])
        let references = try body.required("references").items(minimum: 1, maximum: Self.limit).map {
            try MatchReference($0, of: MatchReference.Kind.ofBodies, areBodies: true)
        }
        let candidates = try body.required("candidates").items(minimum: 1, maximum: Self.limit).map {
            try MatchCandidates($0, origins: ["events"], scope: call.scope)
        }
        return try await answer(references, candidates, in: body, call, areBodies: true)
    }

    private func answer(
        _ references: [MatchReference], _ candidates: [MatchCandidates], in body: JSONReader, _ call: Call,
        areBodies: Bool = false
    ) async throws -> Response {
        for right in references.compactMap(\.kind.right) + candidates.map(\.right) { try call.caller.demand(right) }
        let desk = MatchDesk(store: services.store, call: call, areBodies: areBodies)
        var found: [MatchDesk.Found] = []
        for reference in references { found += try await desk.find(reference) }
        guard found.count <= MatchDesk.limit else {
            throw try body.required("references").violation(
                "References should stand for at most \(MatchDesk.limit) faces or events, not \(found.count)")
        }
        let known = found.compactMap { if case .descriptor(let descriptor) = $0.looks { descriptor } else { nil } }
        var matches = found.map { _ in [JSONValue]() }, told: Set<MatchDesk.Subject> = []
        for candidates in candidates {
            var results = try await desk.matches(known, among: candidates)[...]
            for index in found.indices {
                let outcome: (name: String, value: JSONValue)
                switch found[index].looks {
                case .missing(let error): outcome = ("error", error.body)
                case .nothing: outcome = ("result", [])
                case .descriptor:
                    let result = results.removeFirst()
                    outcome = ("result", result.result)
                    told.formUnion(result.subjects)
                }
                matches[index].append(.object([outcome.name: outcome.value, "filters": candidates.filters]))
            }
        }
        try await desk.note(searched: Set(found.compactMap(\.subject)), found: told)
        let form = AnswerForm(for: call)
        let objects = zip(found, matches).map { found, matches -> JSONValue in
            ["reference": found.reference, "matches": .array(matches)]
        }
        return .bytes(form.bytes(.array(objects)), type: form.rawValue)
    }
}

extension Call {
    /// Whose objects are meant where filters of a body name an account or none.
    fileprivate func scope(_ account: UUID?) -> UUID? { caller.seesAllAccounts ? account : caller.account.id }
}
