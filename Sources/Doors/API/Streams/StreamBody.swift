import Addresses
import Analytics
import Foundation
import JSON
import Notifications
import Records
import Scene

/// Reads the body of a registration or replacement: `docs/contract/streams.md §3.1` to §3.5. Never looks at what the
/// reference refers to.
struct StreamBody {
    let specification: StreamSpecification
    /// The group that the stream shall be in.
    let group: GroupReference?

    init(_ body: JSONReader, catalogue: AnalyticCatalogue, settings: APISettings) throws {
        _ = try body.object(known: [
            "name", "description", "data", "location", "autorestart", "analytics", "group_name", "group_id",
            "privacy",
        ])
        let privacy = try body.privacy(catalogue)
        specification = StreamSpecification(
            name: try body.optional("name")?.string(maximumLength: 128) ?? "",
            description: try body.optional("description")?.string(maximumLength: 512) ?? "",
            source: try SourceSpecification(body.required("data")),
            location: try Self.location(body.optional("location")),
            autorestart: try body.optional("autorestart").map { try AutorestartPolicy($0) } ?? AutorestartPolicy(),
            analytics: try body.required("analytics").items(minimum: 1, maximum: settings.analyticsLimit).map {
                try AnalyticChoice($0, in: privacy, catalogue: catalogue, callbacks: settings.callbackNetwork)
            }, privacy: privacy)
        group = try Self.group(body)
    }

    /// All six keys, `null` where nothing was said.
    private static func location(_ reader: JSONReader?) throws(JSONViolation) -> JSONValue {
        let names = ["city", "area", "district", "street", "house_number"]
        var location = Dictionary(uniqueKeysWithValues: (names + ["geo_position"]).map { ($0, JSONValue.null) })
        guard let reader else { return .object(location) }
        _ = try reader.object(known: Set(location.keys))
        for name in names {
            guard let member = try reader.optional(name), member.value != .null else { continue }
            location[name] = .string(try member.string(maximumLength: 36))
        }
        if let position = try reader.optional("geo_position"), position.value != .null {
            _ = try position.object(known: ["longitude", "latitude"])
            _ = try position.required("longitude").number(in: -180...180)
            _ = try position.required("latitude").number(in: -90...90)
            location["geo_position"] = position.value
        }
        return .object(location)
    }

    /// Whether it exists is asked when the stream is written.
    private static func group(_ body: JSONReader) throws(JSONViolation) -> GroupReference? {
        let name = try body.optional("group_name"), id = try body.optional("group_id")
        if let id, name != nil { throw id.violation("Extra inputs are not permitted") }
        if let name { return .named(try name.name(maximumLength: 128)) }
        return try id.map { id throws(JSONViolation) in .id(try id.id()) }
    }
}

extension SourceSpecification {
    init(_ data: JSONReader) throws(JSONViolation) {
        _ = try data.object(known: [
            "type", "reference", "authorization", "downloadable", "timestamp_source", "rotation", "pts",
        ])
        let kind = try data.required("type").string(oneOf: ["videofile", "stream"])
        let timestampSource = try data.optional("timestamp_source")?.string(
            oneOf: TimestampSource.allCases.map(\.rawValue))
        let pts = try data.optional("pts")
        _ = try pts?.object(known: ["start_time"])
        let address = try data.required("reference"), reference = try address.string(maximumLength: 512)
        if let complaint = SourceAddress(reference)?.complaint { throw address.violation("The address \(complaint)") }
        self.init(
            kind: kind == "stream" ? .stream : .file, reference: reference,
            isDownloadable: try data.optional("downloadable")?.bool() ?? false,
            timestampSource: timestampSource.flatMap(TimestampSource.init(rawValue:)) ?? .auto,
            rotation: try data.optional("rotation")?.rotation() ?? 0,
            startTime: try pts?.required("start_time").startTime() ?? 0)
        authorization = try data.optional("authorization").map { member throws(JSONViolation) in
            try Self.authorization(member, for: reference)
        }
    }
}

extension AutorestartPolicy {
    fileprivate init(_ reader: JSONReader) throws(JSONViolation) {
        _ = try reader.object(known: ["restart", "attempt_count", "delay"])
        self.init(
            isAllowed: try reader.optional("restart")?.integer(oneOf: [0, 1]) == 1,
            attemptCount: try reader.optional("attempt_count")?.integer(in: 1...Int.max) ?? 10,
            delay: try reader.optional("delay")?.integer(in: 1...Int.max) ?? 60)
    }
}

extension AnalyticChoice {
    /// - Parameter privacy: of the stream.
    init(
        _ reader: JSONReader, in privacy: Privacy?, catalogue: AnalyticCatalogue, callbacks network: NetworkPolicy
    ) throws(JSONViolation) {
        _ = try reader.object(known: ["analytic_name", "parameters"])
        let nameReader = try reader.required("analytic_name")
        let name = try nameReader.name(maximumLength: 36)
        guard let entry = catalogue[name] else {
            _ = try nameReader.string(oneOf: catalogue.entries.map(\.name))
            throw nameReader.violation("No analytic is registered")
        }
        let parameters =
            try reader.optional("parameters") ?? JSONReader(.emptyObject, path: reader.path + ".parameters")
        _ = try parameters.object()
        // Checked here; the pipeline makes its own when the stream runs.
        let prepared = try entry.prepare(parameters)
        try parameters.check(prepared?.callbacks ?? [], network)
        if let own = prepared?.analytic.requirements.privacy {
            try parameters.check(own, in: privacy, catalogue.abilities)
        }
        if prepared?.handler != nil, privacy != nil || prepared?.analytic.requirements.privacy != nil {
            throw try parameters.required("parameters").required("handler_id").violation(
                "A handler is given faces, which 'privacy' hides")
        }
        self.init(name: name, parameters: parameters.value)
    }
}

extension JSONReader {
    /// `privacy` of a stream.
    func privacy(_ catalogue: AnalyticCatalogue) throws(JSONViolation) -> Privacy? {
        guard let member = try present("privacy") else { return nil }
        let privacy = try Privacy(member)
        try member.check(privacy, catalogue.abilities)
        return privacy
    }
    /// What an analytic wishes for itself, by its parameters, in a stream with `privacy`.
    func check(
        _ own: Privacy, in privacy: Privacy?, _ abilities: Abilities
    ) throws(JSONViolation) {
        let member = try required("parameters").required("privacy")
        try member.check(own, abilities)
        guard let privacy, !privacy.permits(own) else { return }
        throw member.violation(
            "An analytic may only hide more than its stream, whose privacy is '\(privacy.mode.rawValue)'"
                + (privacy.mode == .countsOnly ? "" : " by '\(privacy.methodInForce.rawValue)'"))
    }
    private func check(_ privacy: Privacy, _ abilities: Abilities) throws(JSONViolation) {
        guard privacy.mode == .faces, !abilities.findsFaces else { return }
        throw try required("mode").violation(
            "'faces' needs a face detector, which this server does not have; use 'people' or 'counts_only'")
    }

    /// Clockwise, in degrees.
    func rotation() throws(JSONViolation) -> Int { try integer(oneOf: [0, 90, 180, 270]) }
    /// At most far beyond any video, well inside the nanoseconds of a `MediaTime`.
    func startTime() throws(JSONViolation) -> Double { try number(in: 0...4e9) }

    fileprivate func integer(oneOf permitted: [Int]) throws(JSONViolation) -> Int {
        let integer = try integer()
        guard permitted.contains(integer) else {
            let list = permitted.dropLast().map(String.init).joined(separator: ", ")
            throw violation("Input should be \(list) or \(permitted.last.map(String.init) ?? "")")
        }
        return integer
    }
}
