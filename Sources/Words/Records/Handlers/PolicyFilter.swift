import JSON

/// On which events a part of a policy acts: `docs/contract/events.md §7.5`. All conditions must hold, and on what is not known none does.
public struct PolicyFilter: Hashable, Sendable {
    /// How alike the best match of a policy is; both bounds included.
    public struct Match: Hashable, Sendable {
        public var label: String
        public var atLeast, atMost: Double?
    }
    public var gender: Int?
    public var ageAtLeast, ageBelow: Int?
    public var ethnicities, liveness, deepfake: [Int]?
    public var matches: [Match]?

    /// - Parameter forbidsMatch: where nobody has been looked for yet.
    /// - Throws: `JSONViolation`.
    init(_ reader: JSONReader?, forbidsMatch: Bool = false) throws {
        guard let reader else { return }
        let known: Set = ["gender", "ethnicities", "age__gte", "age__lt", "liveness", "deepfake"]
        _ = try reader.object(known: forbidsMatch ? known : known.union(["match"]))
        gender = try reader.present("gender")?.integer(in: 0...1)
        ageAtLeast = try reader.present("age__gte")?.integer(in: 0...100)
        ageBelow = try reader.present("age__lt")?.integer(in: 0...100)
        ethnicities = try reader.codes("ethnicities", in: 1...4)
        liveness = try reader.codes("liveness", in: 0...2)
        deepfake = try reader.codes("deepfake", in: 0...1)
        matches = try reader.present("match")?.items(maximum: HandlerPolicies.mostMatches).map(Match.init)
    }
    /// What was said; nothing where nothing was.
    var wire: JSONValue {
        var members: [String: JSONValue] = [:]
        for (name, value) in [("gender", gender), ("age__gte", ageAtLeast), ("age__lt", ageBelow)] {
            if let value { members[name] = .integer(Int64(value)) }
        }
        for (name, values) in [("ethnicities", ethnicities), ("liveness", liveness), ("deepfake", deepfake)] {
            if let values { members[name] = .codes(values) }
        }
        if let matches { members["match"] = .array(matches.map(\.wire)) }
        return .object(members)
    }

    /// What is known of an event that filters ask for.
    public struct Facts: Hashable, Sendable {
        public var gender, age, ethnicity, liveness, deepfake: Int?
        /// The similarity of the best match of each policy that found somebody, by the policy's label.
        public var best: [String: Double] = [:]
        public init() {}
    }
    public func passes(_ facts: Facts) -> Bool {
        func isIn(_ codes: [Int]?, _ code: Int?) -> Bool {
            codes.map { codes in code.map { codes.contains($0) } ?? false } ?? true
        }
        func holds(_ bound: Int?, _ value: Int?, _ compare: (Int, Int) -> Bool) -> Bool {
            bound.map { bound in value.map { compare($0, bound) } ?? false } ?? true
        }
        return holds(gender, facts.gender, ==) && holds(ageAtLeast, facts.age, >=) && holds(ageBelow, facts.age, <)
            && isIn(ethnicities, facts.ethnicity) && isIn(liveness, facts.liveness) && isIn(deepfake, facts.deepfake)
            && (matches ?? []).allSatisfy { match in
                guard let best = facts.best[match.label] else { return false }
                return match.atLeast.map { best >= $0 } ?? true && match.atMost.map { best <= $0 } ?? true
            }
    }
}

extension PolicyFilter.Match {
    fileprivate init(_ reader: JSONReader) throws {
        _ = try reader.object(known: ["label", "similarity__gte", "similarity__lte"])
        label = try reader.required("label").string(maximumLength: 36)
        atLeast = try reader.present("similarity__gte")?.number(in: 0...1)
        atMost = try reader.present("similarity__lte")?.number(in: 0...1)
    }
    fileprivate var wire: JSONValue {
        var members: [String: JSONValue] = ["label": .string(label)]
        members["similarity__gte"] = atLeast.map { .number($0) }
        members["similarity__lte"] = atMost.map { .number($0) }
        return .object(members)
    }
}

/// A tag that events get which pass a filter.
public struct ConditionalTag: Hashable, Sendable {
    public var tag: String
    public var filter: PolicyFilter

    init(_ reader: JSONReader) throws {
        _ = try reader.object(known: ["tag", "filters"])
        tag = try reader.required("tag").string(maximumLength: 36)
        filter = try PolicyFilter(reader.present("filters"))
    }
    var wire: JSONValue { ["tag": .string(tag), "filters": filter.wire] }
}
