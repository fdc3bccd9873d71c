import Foundation
import Frames
import HTTPEdge
import Hummingbird
import HummingbirdCore
import JSON
import Logging
import Records
import Store
import Streams

/// `/6/streams/{stream_id}/live`: what a stream shows, frame by frame, each with who is in it; the coded video as it is, where that is asked for
/// and nothing is to be hidden.
struct ViewFeed: Sendable {
    let services: Services
    private static let access = Access.right(.stream, .view)
    /// After which the store is asked again that could not be asked.
    private static let pause = Duration.seconds(1)

    func add(to table: ResourceTable) { table.socket("/6/streams/{stream_id}/live", Self.access, open: open) }

    @Sendable private func open(_ call: Call) async throws -> WebSocketSession {
        let id = try call.id("stream_id"), query = call.query
        let rate = try query.integer("fps", in: 1...25) ?? 5
        let form = PictureForm(width: try query.integer("width", in: PictureForm.widths) ?? 1280)
        let wantsVideo = try query.integer("video", in: 0...1) == 1
        // Listened to first, so that no change comes between.
        let changes = services.store.changes.changes { $0 == .streams }
        guard let stream = try await services.store.stream(id: id, account: call.caller.scope(Query(nil))) else {
            throw APIError.streamNotFound(id)
        }
        guard stream.goesOn else { throw APIError.notProcessed(id) }
        let place = try services.subscribers.place(at: id)
        let viewer = services.views.view(of: id).viewer(form, wantsVideo: wantsVideo), owner = stream.accountID
        let watch = CredentialWatch(services, of: call, for: Self.access) {
            $0.seesAllAccounts || $0.account.id == owner
        }
        var logger = call.context.logger
        logger[metadataKey: LogKey.stream] = "\(id.wire)"
        return WebSocketSession { [logger] socket in
            logger.info("Live view opened")
            let code = await withTaskGroup(of: WebSocketCloseCode?.self) { group in
                group.addTask { await deliver(viewer, of: id, atMost: rate, to: socket) }
                group.addTask { await watch.refusal() ? .policyViolation : nil }
                group.addTask {
                    for await _ in changes { viewer.doubt() }
                    return nil
                }
                defer { group.cancelAll() }
                return await group.next() ?? nil
            }
            withExtendedLifetime(place) {}
            logger.info(
                "Live view ended", metadata: [APILogKey.closeCode: code.map { "\($0.rawValue)" } ?? "none of ours"])
            return code ?? .normal
        }
    }

    /// Shows frames as the client takes them until the stream is over; `nil` when nothing more can be said to the client.
    private func deliver(
        _ viewer: Viewer, of id: UUID, atMost rate: Int, to socket: WebSocket
    ) async -> WebSocketCloseCode? {
        var last: ViewedFrame?, head: JSONValue?, waiting: JSONValue?, video: VideoHead?
        // The rate is that of pictures; of video each frame is told.
        while let news = await viewer.next(atMost: video == nil ? rate : nil, after: last) {
            do {
                switch news {
                case .video(let piece):
                    if case .head(let new) = piece {
                        (video, head, waiting) = (new, nil, nil)
                        try await socket.send(ViewWire.video(new).text)
                    }
                    try await socket.send(compressed: piece.bytes)
                case .frame(let frame):
                    if frame.picture != nil { video = nil }
                    let own = ViewWire.head(of: frame, isVideo: video != nil)
                    if own != head || frame.opening != last?.opening { try await socket.send(own.text) }
                    (last, head, waiting) = (frame, own, nil)
                    try await socket.send(ViewWire.message(of: frame, in: video).text)
                    if let picture = frame.picture { try await socket.send(compressed: picture) }
                case .absent:
                    let stream = try await services.store.stream(id: id, account: nil)
                    guard let stream, stream.goesOn else {
                        try await socket.send(ViewWire.ended(stream).text)
                        return stream?.status == .failure ? .internalError : .normal
                    }
                    let own = ViewWire.waiting(stream)
                    if own != waiting { try await socket.send(own.text) }
                    (last, head, waiting, video) = (nil, nil, own, nil)
                }
            } catch StoreError.unavailable {
                guard (try? await Task.sleep(for: Self.pause)) != nil else { return nil }
                viewer.doubt()
            } catch is StoreError {
                return .internalError
            } catch {
                return nil  // the client is gone, or the connection is being closed already
            }
        }
        return nil
    }
}
