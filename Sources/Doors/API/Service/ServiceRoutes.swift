import HTTPEdge
import Analytics
import Foundation
import HTTPTypes
import Hummingbird
import JSON
import Recognition
import Records

/// What the service says of itself: `/version`, `/6/features`, `/6/plugins`, `/6/config`, `/6/docs/…`. Open to everybody, except
/// the configuration.
struct ServiceRoutes: Sendable {
    let services: Services

    func add(to table: ResourceTable) {
        table.add("/version", .get(version))
        table.add("/6/features", .get(features))
        table.add("/6/plugins", .get(plugins))
        table.add("/6/config", .get(.right(.stream, .view), configuration))
        table.add("/6/docs/spec", .get(specification))
        table.add("/6/docs/dev", .get(manualRedirect))
        table.add("/6/docs/dev/index.html", .get(manual))
    }

    // MARK: What this is

    /// The version of the API contract that is spoken, under each name that clients require, and our own.
    @Sendable private func version(_ call: OpenCall) async throws -> Response {
        let contract: JSONValue = ["api": 6, "major": 6, "minor": 39, "patch": 0]
        return .json([
            "LUNA PLATFORM": ["major": 6, "minor": 39, "patch": 0],
            "luna-api": contract, "luna-faces": contract, "luna-remote-sdk": contract,
            "sightline": Version.current.wire,
        ])
    }

    /// What of the whole platform is here. No licence is needed for any of it.
    @Sendable private func features(_ call: OpenCall) async throws -> Response {
        let countsPeople = services.catalogue["people_count"] != nil
        let recognizes = services.settings.recognition == .on
        return .json([
            "license": true,
            "estimations": [
                "people_counter": .bool(countsPeople), "face_quality": .bool(services.pictures.looker.findsFaces),
                "body_attributes": false, "liveness": false, "deepfake": false,
            ],
            "components": [
                "events": true, "tasks": false, "sender": true, "image_store": true, "handlers": true,
                "video_analytics": .bool(!services.catalogue.entries.isEmpty), "lambdas": false,
                "faces": .bool(recognizes),
                "face_descriptors": .bool(recognizes && services.pictures.looker.describesFaces),
            ],
        ])
    }

    /// There is no way to plug anything in, so the list is empty.
    @Sendable private func plugins(_ call: OpenCall) async throws -> Response {
        .json(["plugins": []])
    }

    // MARK: Configuration

    @Sendable private func configuration(_ call: Call) async throws -> Response {
        let shown = services.daemon.shownConfiguration
        let accept = Accept(call.request.headers[.accept])
        switch accept.preferred(of: ["application/json", "text/plain"], orElse: "application/json") {
        case "application/json": return .json(shown)
        case "text/plain":
            let sections = (shown.object ?? [:]).sorted { $0.key < $1.key }.map { section, values in
                let lines = (values.object ?? [:]).sorted { $0.key < $1.key }.map {
                    "\($0.key) = \($0.value.string ?? $0.value.text)\n"
                }
                return "[\(section)]\n\(lines.joined())"
            }
            return .bytes(Data(sections.joined(separator: "\n").utf8), type: "text/plain; charset=UTF-8")
        default: throw Refusal.unsupportedMediaType
        }
    }

    // MARK: Documents

    @Sendable private func specification(_ call: OpenCall) async throws -> Response {
        let documents = services.daemon.documents
        switch Accept(call.request.headers[.accept]).preferred(of: ["application/x-yaml", "text/html"]) {
        case "application/x-yaml": return .document(documents.specification, type: "application/x-yaml")
        case "text/html": return .document(documents.page, type: "text/html; charset=UTF-8")
        default: throw Refusal.unsupportedMediaType
        }
    }
    @Sendable private func manualRedirect(_ call: OpenCall) async throws -> Response {
        Response(status: .permanentRedirect, headers: [.location: "/6/docs/dev/index.html"])
    }
    @Sendable private func manual(_ call: OpenCall) async throws -> Response {
        .document(services.daemon.documents.manual, type: "text/html; charset=UTF-8")
    }
}

extension Version {
    fileprivate var wire: JSONValue {
        ["api": 6, "major": .integer(major), "minor": .integer(minor), "patch": .integer(patch)]
    }
}
