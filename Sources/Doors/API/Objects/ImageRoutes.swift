import Foundation
import Frames
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import Media
import ObjectStore
import Records
import Scene
import Store

/// `/6/images`, `/6/samples/faces`, `/6/samples/bodies`, and the paths that face samples had before: pictures, as JPEG or PNG.
struct ImageRoutes: Sendable {
    let services: Services
    private var store: Store { services.store }

    private static let types: Set<String> = [
        "image/jpeg", "image/png", "image/bmp", "image/tiff", "image/x-portable-pixmap",
    ]

    func add(to table: ResourceTable) {
        add(to: table, .image, .image, "image_id", limit: services.settings.imageLimit)
        add(to: table, .faceSample, .faceSample, "sample_id", limit: services.settings.sampleLimit)
        add(to: table, .bodySample, .bodySample, "sample_id", limit: services.settings.sampleLimit)
        for version in [6, 5] {
            add(to: table, "/\(version)/samples/{sample_id}", .faceSample, .faceSample, "sample_id")
        }
    }
    private func add(
        to table: ResourceTable, _ kind: StoredObject.Kind, _ right: Right.Object, _ parameter: String, limit: Int
    ) {
        table.add(
            kind.path,
            .post(.right(right, .creation), body: .bytes(limit: limit)) { try await create(kind, parameter, $0) })
        add(to: table, "\(kind.path)/{\(parameter)}", kind, right, parameter)
    }
    private func add(
        to table: ResourceTable, _ path: String, _ kind: StoredObject.Kind, _ right: Right.Object, _ parameter: String
    ) {
        table.add(
            path, .get(.right(right, .view)) { try await one(kind, parameter, $0) },
            .head(.right(right, .view)) { try await one(kind, parameter, $0) },
            .delete(.right(right, .deletion)) { try await delete(kind, parameter, $0) })
    }

    private func create(_ kind: StoredObject.Kind, _ parameter: String, _ call: Call) async throws -> Response {
        let lifetime = try call.query.lifetime()
        let meta = try kind == .image ? call.request.headers.meta() : [:]
        guard let type = call.request.headers[.contentType], Self.types.contains(MediaType.essence(of: type)) else {
            throw Refusal.badContentType
        }
        var upload = try await services.receive(call)
        let image = try await read(upload)
        if kind == .faceSample, image.size.width != 250 || image.size.height != 250 { throw APIError.noFaceSample }
        if let converted = image.converted {
            upload = store.upload()
            do { try await upload.append(converted) } catch { throw StoreError.noRoomForObjects }
        }
        let object = try await store.keep(
            upload,
            as: ObjectDraft(
                accountID: call.caller.account.id, kind: kind, contentType: image.contentType,
                meta: meta, lifetime: lifetime))
        return .created(
            kind.path(of: object.id), [parameter: .string(object.id.wire)], isAbsolute: kind == .image, by: call)
    }
    private func read(_ upload: ObjectUpload) async throws -> StillImage {
        do {
            return try await services.stills.read { try await upload.bytes() }
        } catch is MediaError {
            throw APIError.notAnImage
        } catch let failure as any SourceFailure where failure.endedDecoder {
            throw APIError.notAnImage
        }
    }

    private func one(_ kind: StoredObject.Kind, _ parameter: String, _ call: Call) async throws -> Response {
        let id = try call.id(parameter), query = call.query
        let showsMeta = try kind == .image && query.integer("with_meta", in: 0...1) == 1
        guard let object = try await store.object(id: id, kind: kind, account: call.caller.scope(query)) else {
            throw APIError.objectNotFound(kind, id)
        }
        var headers = HTTPFields()
        if showsMeta {
            for (key, value) in object.meta.sorted(by: { $0.key < $1.key }) {
                if let name = HTTPField.Name(HTTPField.Name.metaPrefix + key) { headers[name] = value }
            }
        }
        return try await services.answer(with: object, to: call, headers: headers)
    }

    private func delete(_ kind: StoredObject.Kind, _ parameter: String, _ call: Call) async throws -> Response {
        let id = try call.id(parameter)
        guard try await store.deleteObject(id: id, kind: kind, account: call.caller.account.id) else {
            throw APIError.objectNotFound(kind, id)
        }
        return Response(status: .noContent)
    }
}

extension HTTPFields {
    /// What somebody wrote of an image, by the rest of each header's name.
    /// - Throws: where a value is no UTF-8, of which its reader makes U+FFFD.
    fileprivate func meta() throws(APIError) -> [String: String] {
        var meta: [String: String] = [:]
        let prefix = HTTPField.Name.metaPrefix.lowercased()
        for field in self where field.name.canonicalName.hasPrefix(prefix) {
            let key = String(field.name.rawName.dropFirst(prefix.count))
            guard !key.isEmpty else { continue }
            guard !field.value.unicodeScalars.contains("\u{FFFD}") else {
                throw APIError.badHeader(field.name.rawName)
            }
            meta[key] = meta[key].map { "\($0), \(field.value)" } ?? field.value
        }
        return meta
    }
}
