import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import Records
import Scene
import Store
import Streams

/// `/6/streams/{stream_id}/preview.jpg`: what a stream shows at the moment.
struct PreviewRoutes: Sendable {
    let services: Services
    /// For the next frame that is analysed.
    private static let patience = Duration.seconds(3)

    func add(to table: ResourceTable) {
        table.add("/6/streams/{stream_id}/preview.jpg", .get(.right(.stream, .view), preview))
    }

    @Sendable private func preview(_ call: Call) async throws -> Response {
        let id = try call.id("stream_id"), query = call.query
        let form = PictureForm(
            width: try query.integer("width", in: PictureForm.widths),
            quality: try query.integer("quality", in: PictureForm.qualities) ?? 75)
        guard let stream = try await services.store.stream(id: id, account: call.caller.scope(query)) else {
            throw APIError.streamNotFound(id)
        }
        if stream.specification.privacy?.mode == .countsOnly {
            throw APIError.noPicture(id, "its privacy is 'counts_only'")
        }
        guard let frame = await services.views.view(of: id).preview(form, patience: Self.patience) else {
            throw APIError.noPicture(id, "its source is not open, or no frame of it was analysed for a while")
        }
        guard let picture = frame.picture else { throw APIError.noPicture(id, "its frames cannot be made into one") }
        let headers: HTTPFields = [
            .contentType: "image/jpeg", .cacheControl: "no-store", .timeOffset: frame.time.pts.wire.text,
            .peopleCount: "\(frame.count)",
        ]
        return Answer(status: .ok, headers: headers, body: ByteBuffer(bytes: picture)).response
    }
}

extension HTTPField.Name {
    static let timeOffset = Self("X-Sightline-Time-Offset")!
    static let peopleCount = Self("X-Sightline-People-Count")!
}
