import Foundation
import JSON
import Records
import Store
import Streams
import Synchronization

/// What those are told who follow a stream's records, beside these: frames in between, and how the stream has ended.
struct StreamCompany: FeedCompany {
    private let id: UUID
    private let services: Services
    private let frames: FollowedFrames
    /// Events whose beginning was told and whose end was not.
    private var open: Set<UUID>
    /// Whether the stream may have another status than when it was looked at.
    private let isDoubtful: Flag

    /// - Parameter open: events that had begun before the place where the feed begins.
    init(_ id: UUID, _ services: Services, open: Set<UUID>, frames: FollowedFrames, isDoubtful: Flag) {
        (self.id, self.services, self.frames) = (id, services, frames)
        (self.open, self.isDoubtful) = (open, isDoubtful)
    }

    var droppedCount: Int { frames.latest.droppedCount }

    mutating func note(_ record: FollowedRecord) {
        switch record.phase {
        case .started: open.insert(record.eventID)
        case .finished: open.remove(record.eventID)
        }
    }
    mutating func news() -> [JSONValue] {
        frames.latest.take().flatMap { news -> [JSONValue] in
            switch news {
            case .update(let update, let event): open.contains(event) ? LiveWire.messages(for: .updates([update])) : []
            case .error(let name, let text): LiveWire.messages(for: .analyticError(resultName: name, text))
            }
        }
    }

    /// A stream is over when its status says so, nothing of it runs any more, and what its run has recorded is in the database.
    mutating func ending() async throws -> FeedEnding? {
        guard isDoubtful.lower() else { return nil }
        let stream: RegisteredStream?
        do { stream = try await services.store.stream(id: id, account: nil) } catch StoreError.unavailable {
            isDoubtful.raise()
            return nil
        }
        if let stream, stream.goesOn { return nil }
        // Looked at again with the next news, whatever these are.
        isDoubtful.raise()
        guard !services.hub.isRunning(id), services.store.spooledEventWrites == 0 else { return nil }
        guard let stream, stream.status == .failure else {
            return FeedEnding(message: LiveWire.messages(for: .finished)[0], end: .finished)
        }
        let reason = "fatal error during stream processing: \(stream.lastError ?? "unknown")"
        return FeedEnding(message: LiveWire.messages(for: .failed(reason))[0], end: .failed)
    }
}

extension RegisteredStream {
    /// Whether it runs, or will by itself.
    var goesOn: Bool {
        switch status {
        case .pending, .inProgress, .restart: true
        case .failure: autorestart.status == .enabled || autorestart.status == .inProgress
        case .done, .stop: false
        }
    }
}

/// What somebody raises, and another lowers when he has seen it.
final class Flag: Sendable {
    private let isRaised = Atomic(true)
    func raise() { isRaised.store(true, ordering: .sequentiallyConsistent) }
    /// Whether it was raised.
    func lower() -> Bool { isRaised.exchange(false, ordering: .sequentiallyConsistent) }
}

/// The frames of a stream, which are given up when nobody holds them any longer.
final class FollowedFrames: Sendable {
    let latest: LatestFrames
    private let stream: UUID
    private let hub: EventHub
    init(of stream: UUID, _ hub: EventHub, onNews: @escaping @Sendable () -> Void) {
        (self.stream, self.hub) = (stream, hub)
        latest = hub.frames(of: stream, onNews: onNews)
    }
    deinit { hub.forget(latest, of: stream) }
}
