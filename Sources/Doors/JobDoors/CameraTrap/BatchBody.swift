import Foundation
import HTTPEdge
import HTTPTypes
import JSON
import Jobs
import Records

/// What `request_detections` is sent, read in the order in which the contract checks it (`docs/contract/jobs.md` §3.1).
struct BatchBody: Sendable {
    let members: [String: JSONValue]

    /// - Throws: `CameraTrapError`.
    init(_ bytes: [UInt8], contentType: String?) throws {
        let type = (contentType ?? "").prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        guard type == "application/json" || type.hasPrefix("application/") && type.hasSuffix("+json") else {
            throw CameraTrapError(
                .unsupportedMediaType, "Body needs to have a JSON mimetype (e.g., application/json).")
        }
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch { throw CameraTrapError.unreadable("\(error)") }
        guard let members = value.object else { throw CameraTrapError(.badRequest, "The body is no JSON object.") }
        self.members = members
    }

    var caller: String { members["caller"]?.string ?? "" }

    private static let known: Set = [
        "caller", "use_url", "input_container_sas", "images_requested_json_sas", "model_version", "request_name",
        "image_path_prefix", "first_n", "sample_n", "previous_request_id",
    ]

    /// - Parameter versions: of models.
    /// - Throws: `CameraTrapError`.
    func request(versions: [String]) throws -> BatchRequest {
        let usesURLs = Self.truth(members["use_url"])
        let container = Self.text(members["input_container_sas"])
        if !usesURLs { try Self.check(container: container) }
        let list = Self.text(members["images_requested_json_sas"])
        if let list, !list.hasPrefix("http://"), !list.hasPrefix("https://") {
            throw CameraTrapError(.badRequest, "images_requested_json_sas needs to be an URL.")
        }
        if usesURLs, list == nil {
            throw CameraTrapError(.badRequest, "images_requested_json_sas is required since use_url is true.")
        }
        let version = Self.text(members["model_version"])
        if let version, !versions.contains(version) {
            throw CameraTrapError(.badRequest, "model_version \(version) is not supported.")
        }
        let name = Self.text(members["request_name"]) ?? ""
        guard name.unicodeScalars.count <= 92 else {
            throw CameraTrapError(.badRequest, "request_name is longer than 92 characters.")
        }
        guard name.utf8.allSatisfy(Self.isInName) else {
            throw CameraTrapError(
                .badRequest,
                "request_name contains invalid characters (only letters, digits, - and _ are allowed).")
        }
        var request = BatchRequest(
            container: container, list: list, usesURLs: usesURLs,
            prefix: Self.text(members["image_path_prefix"]) ?? "", firstN: members["first_n"] ?? .null,
            sampleN: members["sample_n"] ?? .null, modelVersion: version, name: name, caller: caller,
            others: .object(members.filter { !Self.known.contains($0.key) }))
        if let id = Self.text(members["previous_request_id"]) {
            guard let previous = UUID(bare: id) else {
                throw CameraTrapError(.badRequest, "previous_request_id is no request of this caller.")
            }
            request.previous = previous
        }
        return request
    }

    private static func check(container: String?) throws {
        guard let container else {
            throw CameraTrapError(
                .badRequest,
                "input_container_sas with read and list access is a required field when not using image URLs.")
        }
        guard BatchRequest.isSigned(container: container) else { return }
        let query = Self.query(of: container)
        guard let kind = query["sr"], kind.contains("c") || kind.contains("d") else {
            throw CameraTrapError(.badRequest, "input_container_sas provided is not for a container.")
        }
        let rights = query["sp"] ?? ""
        guard query["si"] != nil || rights.contains("r") && rights.contains("l") else {
            throw CameraTrapError(
                .badRequest, "input_container_sas provided does not have both read and list permissions.")
        }
    }
    private static func query(of url: String) -> [Substring: Substring] {
        let query = url.split(separator: "?", maxSplits: 1).dropFirst().first ?? ""
        return Dictionary(
            query.split(separator: "&").map { pair in
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return (parts[0], parts.count == 2 ? parts[1] : "")
            }, uniquingKeysWith: { $1 })
    }

    /// A text, also of a number; `nil` for nothing and for an empty one.
    private static func text(_ value: JSONValue?) -> String? {
        switch value {
        case .string(let text): text.isEmpty ? nil : text
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        default: nil
        }
    }
    private static func truth(_ value: JSONValue?) -> Bool {
        switch value {
        case .bool(let truth): truth
        case .string(let text): !["", "false", "f", "no", "n"].contains(text.lowercased())
        case .integer(let number): number != 0
        default: false
        }
    }
    private static func isInName(_ byte: UInt8) -> Bool {
        switch UnicodeScalar(byte) {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
        default: false
        }
    }
}
