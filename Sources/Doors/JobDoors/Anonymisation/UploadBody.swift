import Foundation
import HTTPTypes
import JSON
import Jobs

/// What `create_upload_session` is sent (`docs/contract/jobs.md` §6.2).
struct UploadBody: Sendable {
    /// - Throws: `AnonymisationError`.
    static func request(_ bytes: [UInt8], findsFaces: Bool) throws -> CoverRequest {
        guard let value = try? JSONValue(parsing: bytes) else {
            throw AnonymisationError([.init(place: ["body"], message: "invalid JSON", type: "value_error.jsondecode")])
        }
        guard let members = value.object else {
            throw AnonymisationError([.kind(["body"], "dict", "dict")])
        }
        var faults: [AnonymisationError.Fault] = []
        func text(_ name: String) -> String {
            guard let value = members[name], value != .null else {
                faults.append(.missing(["body", name]))
                return ""
            }
            if value.string == nil { faults.append(.kind(["body", name], "string", "str")) }
            return value.string ?? ""
        }
        let name = text("file_name")
        var size = 0
        switch members["file_size"] {
        case .integer(let value): size = Int(value)
        case nil, .null: faults.append(.missing(["body", "file_size"]))
        default: faults.append(.kind(["body", "file_size"], "integer", "integer"))
        }
        _ = text("content_type")
        let model = text("model")
        let configuration = ModelConfiguration(
            members["model_config"] ?? [:], at: ["body", "model_config"], faults: &faults)
        if members["model"]?.string != nil { check(model: model, at: ["body", "model"], &faults) }
        guard faults.isEmpty else { throw AnonymisationError(faults) }
        guard model != "syn" else { throw AnonymisationError.noSuchModel }
        try configuration.check(findsFaces: findsFaces)
        guard (0...CoverRequest.largest).contains(size) else {
            throw AnonymisationError(.badRequest, "file_size must be from 0 to \(CoverRequest.largest) bytes")
        }
        return CoverRequest(
            fileName: try bare(name), fileSize: size, wishes: configuration.wishes,
            configuration: .object(configuration.members), needsNoApproval: false)
    }

    /// What `direct_upload` is asked for in its query.
    static func request(name: String, query: [(String, String)], findsFaces: Bool) throws -> CoverRequest {
        var faults: [AnonymisationError.Fault] = [], members: [String: JSONValue] = [:]
        var model: String?
        for (name, value) in query {
            if name == "model" { model = value } else { members[name] = ModelConfiguration.value(value) }
        }
        if let model {
            check(model: model, at: ["query", "model"], &faults)
        } else {
            faults.append(.missing(["query", "model"]))
        }
        let configuration = ModelConfiguration(.object(members), at: ["query"], faults: &faults)
        guard faults.isEmpty else { throw AnonymisationError(faults) }
        guard model != "syn" else { throw AnonymisationError.noSuchModel }
        try configuration.check(findsFaces: findsFaces)
        return CoverRequest(
            fileName: try bare(name), fileSize: nil, wishes: configuration.wishes,
            configuration: .object(configuration.members), needsNoApproval: true)
    }

    private static func check(model: String, at place: [String], _ faults: inout [AnonymisationError.Fault]) {
        guard model != "blur", model != "syn" else { return }
        faults.append(
            .init(
                place: place, message: "value is not a valid enumeration member; permitted: 'blur'",
                type: "type_error.enum"))
    }
    /// The last part of a path, which is a name and nothing else.
    private static func bare(_ path: String) throws -> String {
        guard let name = CoverRequest.name(of: path) else {
            throw AnonymisationError(
                .badRequest, "file_name must be a name of 1 to 255 bytes without control characters")
        }
        if let ending = CoverRequest.unknownEnding(of: name) {
            let known = CoverRequest.endings.sorted().map { "." + $0 }.joined(separator: " ")
            throw AnonymisationError(.badRequest, "Files of the type \(ending) are not supported: \(known)")
        }
        return name
    }
}

/// `model_config` (`docs/contract/jobs.md` §6.4).
struct ModelConfiguration: Sendable {
    private(set) var wishes = CoverWishes()
    private(set) var members: [String: JSONValue] = [:]
    private var findsPlates = false

    init(_ value: JSONValue, at place: [String], faults: inout [AnonymisationError.Fault]) {
        if value == .null { return }
        guard let members = value.object else {
            faults.append(.kind(place, "dict", "dict"))
            return
        }
        self.members = members
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let place = place + [name]
            switch name {
            case "blur_threshold", "lp_threshold":
                guard let number = value.double else {
                    faults.append(.kind(place, "float", "float"))
                    continue
                }
                guard (0...1).contains(number) else {
                    faults.append(
                        .init(
                            place: place, message: "ensure this value is between 0 and 1",
                            type: "value_error.number.not_in_range"))
                    continue
                }
                if name == "blur_threshold" { wishes.threshold = number }
            case "blur_face", "mask_blur", "slicing", "blur_body", "blur_track", "enable_lp", "lp_track":
                guard let flag = value.bool else {
                    faults.append(.kind(place, "boolean", "bool"))
                    continue
                }
                set(name, flag)
            default: faults.append(.unknown(place))
            }
        }
    }
    private mutating func set(_ name: String, _ flag: Bool) {
        switch name {
        case "blur_face": wishes.faces = flag
        case "mask_blur": wishes.isShaped = flag
        case "slicing": wishes.slices = flag
        case "blur_body": wishes.bodies = flag
        case "blur_track": wishes.follows = flag
        case "enable_lp": findsPlates = flag
        default: break  // of plates, which without their model is nothing
        }
    }

    /// What is asked for and not there is refused, never left out in silence.
    func check(findsFaces: Bool) throws {
        guard !findsPlates else {
            throw AnonymisationError(
                .badRequest, "enable_lp is not available: no licence plate model is installed")
        }
        guard !wishes.faces || findsFaces else {
            throw AnonymisationError(.badRequest, "blur_face is not available: no face model is installed")
        }
    }

    /// As it stands in a query.
    static func value(_ text: String) -> JSONValue {
        switch text {
        case "True", "true": true
        case "False", "false": false
        default: Double(text).map { .number($0) } ?? .string(text)
        }
    }
}

extension AnonymisationError {
    static let noSuchModel = AnonymisationError(
        .badRequest, "The model 'syn' is not available: faces are covered (model 'blur') and not replaced")
}
