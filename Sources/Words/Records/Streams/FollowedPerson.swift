public import Foundation
public import Scene

/// Somebody whom a stream has followed until he was gone, as it has seen him best: what the handler is given that the stream names.
public struct FollowedPerson: Sendable {
    public let handler: UUID
    public let stream: StreamDefinition
    /// Of the event about him, and of his track.
    public let eventID, trackID: UUID
    public let begin, end: FrameTime
    /// Of faces, aligned, and of bodies; of each side the best first.
    public let shots: [Event.Picture]
    public init(
        handler: UUID, stream: StreamDefinition, eventID: UUID, trackID: UUID, begin: FrameTime, end: FrameTime,
        shots: [Event.Picture]
    ) {
        (self.handler, self.stream, self.eventID, self.trackID) = (handler, stream, eventID, trackID)
        (self.begin, self.end, self.shots) = (begin, end, shots)
    }
    /// - Returns: `nil` where no handler is named, or nothing of him was seen that one could be given.
    public init?(_ update: EventUpdate, by origin: EventOrigin, in stream: StreamDefinition) {
        guard let handler = origin.handler, !update.shots.isEmpty else { return nil }
        let event = update.event
        self.init(
            handler: handler, stream: stream, eventID: event.id, trackID: event.trackID, begin: event.begin,
            end: event.end, shots: update.shots)
    }
}

/// Takes those whom streams have seen to the handlers that these name.
public protocol PeopleTaker: Sendable {
    /// Never waits.
    func take(_ person: FollowedPerson)
}
