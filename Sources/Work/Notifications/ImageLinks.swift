public import Foundation
import JSON
import Records

/// Makes of the pictures that a report names links that need no credentials: good as long as the picture is there.
public struct ImageLinks: Sendable {
    /// Scheme, host and what else stands before the paths, without a slash at the end; empty: links are paths.
    private let base: String
    private let sign: @Sendable (_ path: String, _ account: UUID) async throws -> String

    /// - Parameter sign: gives what a link to a path of an account carries as its `signature`.
    public init(base: String, sign: @escaping @Sendable (_ path: String, _ account: UUID) async throws -> String) {
        (self.base, self.sign) = (base, sign)
    }

    /// Members of an event that name pictures.
    private static let names: Set<String> = ["image", "image_origin", "url"]
    private static let kinds: [StoredObject.Kind] = [.image, .faceSample, .bodySample]

    /// - Parameter body: an event as a callback carries it.
    /// - Throws: what `sign` does.
    func signed(_ body: JSONValue) async throws -> JSONValue {
        guard let account = body["account_id"]?.string.flatMap({ UUID(wire: $0) }), let event = body["event"] else {
            return body
        }
        guard var members = body.object else { return body }
        members["event"] = try await signed(event, of: account)
        return .object(members)
    }
    private func signed(_ value: JSONValue, of account: UUID) async throws -> JSONValue {
        switch value {
        case .object(var members):
            for (name, member) in members {
                if Self.names.contains(name), let path = member.string, Self.isPicture(path) {
                    members[name] = .string("\(base)\(path)?signature=\(try await sign(path, account))")
                } else if member.array != nil || member.object != nil {
                    members[name] = try await signed(member, of: account)
                }
            }
            return .object(members)
        case .array(let items):
            var signed: [JSONValue] = []
            for item in items { signed.append(try await self.signed(item, of: account)) }
            return .array(signed)
        default: return value
        }
    }
    private static func isPicture(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let id = parts.last.flatMap({ UUID(wire: String($0)) }) else { return false }
        return kinds.contains { $0.path(of: id) == path }
    }
}
