import Foundation
import JSON
import Records

/// Reads the body of a token: `docs/contract/accounts.md §4` to §6.
struct TokenBody {
    let specification: TokenSpecification

    /// - Parameters:
    ///   - grantsAll: every standard permission; the body may then only add custom ones.
    ///   - caller: whose token it is to be.
    init(_ body: JSONReader, grantsAll: Bool, caller: Caller) throws(JSONViolation) {
        _ = try body.fields(["description", "expiration_time", "visibility_area", "permissions"])
        let visibility = try body.optional("visibility_area")?.choice(of: Token.Visibility.allCases.map(\.rawValue))
        specification = TokenSpecification(
            description: try body.optional("description")?.text(in: 0...128) ?? "",
            expirationTime: try body.field("expiration_time").timeOrNull(),
            // Nothing else has an effect for a `user`.
            visibility: caller.account.kind.seesAllAccounts
                ? visibility.flatMap(Token.Visibility.init(rawValue:)) ?? caller.defaultVisibility : .account,
            permissions: grantsAll
                ? .all(custom: try body.optional("permissions")?.customPermissions() ?? [:])
                : try body.field("permissions").permissions())
    }
}

extension Caller {
    /// A token that is made with another one sees no more than that.
    fileprivate var defaultVisibility: Token.Visibility {
        if case .token(let token) = proof { token.specification.visibility } else { .all }
    }
}

extension JSONReader {
    fileprivate func timeOrNull() throws(JSONViolation) -> Date? {
        if value == .null { return nil }
        guard let time = value.string.flatMap({ Date(rfc3339: $0) }) else { throw violation("invalid datetime format") }
        return time
    }
    private static let uses: Set<String> = ["emit_events", "verify"]
    /// Custom keys that one token may hold; their number is bounded so that a token stays small.
    private static let customKeyLimit = 100

    fileprivate func permissions() throws(JSONViolation) -> TokenPermissions {
        var actions: [String: [String]] = [:]
        for (key, reader) in try members() where !Self.uses.contains(key) {
            actions[key] = try reader.actions(
                of: TokenPermissions.standardActions[key] ?? TokenPermissions.customActions)
        }
        return TokenPermissions(
            actions, emitEvents: try optional("emit_events")?.use(), verify: try optional("verify")?.use())
    }
    fileprivate func customPermissions() throws(JSONViolation) -> [String: [String]] {
        var actions: [String: [String]] = [:]
        for (key, reader) in try members() {
            guard TokenPermissions.standardActions[key] == nil, !Self.uses.contains(key) else {
                throw reader.violation("extra fields not permitted")
            }
            actions[key] = try reader.actions(of: TokenPermissions.customActions)
        }
        return actions
    }
    /// In the order of their keys, so that of several mistakes always the same one is told.
    private func members() throws(JSONViolation) -> [(key: String, reader: JSONReader)] {
        guard let members = value.object else { throw violation("value is not a valid dict") }
        var readers: [(key: String, reader: JSONReader)] = []
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            let isKnown =
                TokenPermissions.standardActions[key] != nil || Self.uses.contains(key)
                || (3...16).contains(key.utf8.count)
                    && key.utf8.allSatisfy {
                        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_")
                    }
            let reader = child(key, value)
            guard isKnown else { throw reader.violation("extra fields not permitted") }
            readers.append((key, reader))
        }
        guard readers.count <= Self.customKeyLimit else {
            throw violation("ensure this value has at most \(Self.customKeyLimit) items")
        }
        return readers
    }
    private func actions(of permitted: [String]) throws(JSONViolation) -> [String] {
        var actions: [String] = []
        let items = try list(in: 0...permitted.count)
        guard Set(items.map(\.value)).count == items.count else { throw violation("the list has duplicated items") }
        for item in items { actions.append(try item.choice(of: permitted)) }
        return actions
    }
    private func use() throws(JSONViolation) -> TokenPermissions.Use {
        _ = try fields(["allowed", "white_list", "black_list"])
        var use = TokenPermissions.Use()
        if let allowed = try optional("allowed") {
            guard allowed.value == 0 || allowed.value == 1 else { throw allowed.violation("unexpected value") }
            use.isAllowed = allowed.value == 1
        }
        use.whiteList = try optional("white_list")?.idsOrNull()
        use.blackList = try optional("black_list")?.idsOrNull()
        return use
    }
    private func idsOrNull() throws(JSONViolation) -> [UUID]? {
        if value == .null { return nil }
        var ids: [UUID] = []
        for item in try list(in: 1...100) { ids.append(try item.uuid()) }
        return ids
    }
}
