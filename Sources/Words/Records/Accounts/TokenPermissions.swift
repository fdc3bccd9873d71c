public import Foundation
public import JSON

/// What a token is good for: actions by key, and which handlers and verifiers may be used with it.
public struct TokenPermissions: Hashable, Sendable {
    /// Use of handlers (`emit_events`) or of verifiers (`verify`).
    public struct Use: Hashable, Sendable {
        public var isAllowed: Bool
        /// Only these; `nil` is no restriction.
        public var whiteList: [UUID]?
        /// None of these.
        public var blackList: [UUID]?
        public init(isAllowed: Bool = true, whiteList: [UUID]? = nil, blackList: [UUID]? = nil) {
            (self.isAllowed, self.whiteList, self.blackList) = (isAllowed, whiteList, blackList)
        }
    }
    /// Actions that a key may grant, by standard key.
    public static let standardActions: [String: [String]] = {
        let (all, stored) = (
            ["creation", "view", "modification", "deletion"], ["creation", "view", "deletion"]
        )
        return [
            "account": ["view"], "face": all + ["matching"], "list": all, "event": ["creation", "view", "matching"],
            "attribute": all + ["matching"], "handler": all, "verifier": all, "task": all, "face_sample": stored,
            "body_sample": stored, "image": stored, "object": stored, "token": all, "lambdas": all,
            "video_stream": all, "video_group": all, "video_analytic": ["view"],
            "resources": ["iso", "sdk", "liveness"],
        ]
    }()
    /// Actions that a custom key may grant.
    public static let customActions = ["creation", "view", "modification", "deletion"]
    private static let defaults: [String: [String]] = ["token": ["view"]]

    /// By key, standard and custom.
    public let actions: [String: [String]]
    /// `nil` in a token that holds custom keys only.
    public let emitEvents: Use?
    public let verify: Use?

    /// Fills in what a token has by default, unless custom keys are all that is given: such a token holds nothing else.
    public init(_ actions: [String: [String]] = [:], emitEvents: Use? = nil, verify: Use? = nil) {
        let isCustomOnly =
            !actions.isEmpty && emitEvents == nil && verify == nil
            && actions.keys.allSatisfy { Self.standardActions[$0] == nil }
        if isCustomOnly {
            (self.actions, self.emitEvents, self.verify) = (actions, nil, nil)
        } else {
            let standard = Dictionary(
                uniqueKeysWithValues: Self.standardActions.keys.map { ($0, Self.defaults[$0] ?? []) })
            self.actions = standard.merging(actions) { _, given in given }
            (self.emitEvents, self.verify) = (emitEvents ?? Use(), verify ?? Use())
        }
    }
    /// Everything, and the custom keys given.
    public static func all(custom: [String: [String]] = [:]) -> TokenPermissions {
        TokenPermissions(standardActions.merging(custom) { standard, _ in standard }, emitEvents: Use(), verify: Use())
    }

    public func allows(_ action: String, on key: String) -> Bool { actions[key]?.contains(action) ?? false }

    /// The first thing that `other` grants and this does not; `nil` when there is none.
    public func missing(for other: TokenPermissions) -> (action: String, key: String)? {
        for (key, wanted) in other.actions.sorted(by: { $0.key < $1.key }) {
            if let action = wanted.first(where: { !allows($0, on: key) }) { return (action, key) }
        }
        if !emitEvents.covers(other.emitEvents) { return ("creation", "emit_events") }
        if !verify.covers(other.verify) { return ("creation", "verify") }
        return nil
    }
}

extension TokenPermissions.Use? {
    fileprivate func covers(_ other: TokenPermissions.Use?) -> Bool {
        guard let other, other.isAllowed else { return true }
        guard let self, self.isAllowed else { return false }
        let white = self.whiteList.map { Set($0) }, black = Set(self.blackList ?? [])
        if let white, !(other.whiteList.map { white.isSuperset(of: $0) } ?? false) { return false }
        let forbidden = Set(other.blackList ?? [])
        return black.isSubset(of: forbidden) || other.whiteList.map { black.isDisjoint(with: $0) } ?? false
    }
}

// MARK: JSON

extension TokenPermissions {
    /// The object as answers show it and as the database keeps it.
    public var wire: JSONValue {
        var object = actions.mapValues { JSONValue.array($0.map(JSONValue.string)) }
        if let emitEvents { object["emit_events"] = emitEvents.wire }
        if let verify { object["verify"] = verify.wire }
        return .object(object)
    }

    /// - Parameter document: as `wire` gives it.
    public init(wire document: JSONValue) {
        var actions: [String: [String]] = [:]
        for (key, value) in document.object ?? [:] where key != "emit_events" && key != "verify" {
            actions[key] = value.array?.compactMap(\.string) ?? []
        }
        self.init(
            actions, emitEvents: document["emit_events"].map(Use.init(wire:)),
            verify: document["verify"].map(Use.init(wire:)))
    }
}

extension TokenPermissions.Use {
    fileprivate var wire: JSONValue {
        func list(_ ids: [UUID]?) -> JSONValue {
            ids.map { .array($0.map { .string($0.wire) }) } ?? .null
        }
        return [
            "allowed": isAllowed ? 1 : 0, "white_list": list(whiteList), "black_list": list(blackList),
        ]
    }
    fileprivate init(wire value: JSONValue) {
        func list(_ key: String) -> [UUID]? {
            value[key]?.array?.compactMap { $0.string.flatMap(UUID.init(uuidString:)) }
        }
        self.init(isAllowed: value["allowed"] == 1, whiteList: list("white_list"), blackList: list("black_list"))
    }
}
