public import Foundation
public import JSON
public import Scene

/// What one analysed frame changed about one event.
public struct EventUpdate: Sendable {
    /// What the store must know. Only `opened` and `closed` are durable; a frame in between is for live viewers.
    public enum Change: String, Sendable { case opened, continued, closed }
    /// `event_status` on the wire.
    public enum Status: String, Sendable { case started, inProgress = "in_progress", finished }

    public var event: Event
    public var change: Change
    /// What live subscribers are told, who follow the crowd or person (`track_id`) and not its single events.
    /// `nil`: nothing, the change only cuts a track into events of one `period` policy.
    public var status: Status?
    /// Whether the stream's event policy sends the event now: to callbacks, and to `analyze --events`.
    public var isReported: Bool
    /// Of an event that begins: whether the policy sends it when it ends, as it is then due also if nobody sees its end.
    public var isReportedAtEnd: Bool
    /// The frame this update speaks of.
    public var time: FrameTime
    /// What that frame shows: members of the live message.
    public var live: any Facts
    /// What was best seen of somebody who is gone, for the handler that the analytic names; not told with the event.
    public var shots: [Event.Picture] = []
    /// What is kept to tell of it again; `nil` where nobody knows from which analytic it came.
    public var retelling: Retelling?

    public init(
        event: Event, change: Change, status: Status?, isReported: Bool, isReportedAtEnd: Bool = false,
        time: FrameTime, live: any Facts
    ) {
        (self.event, self.change, self.status) = (event, change, status)
        (self.isReported, self.isReportedAtEnd, self.time, self.live) = (isReported, isReportedAtEnd, time, live)
    }
}

/// The analytic of a stream that events come from.
public struct EventOrigin: Hashable, Sendable {
    /// Of the analytic.
    public let name: String
    /// The name under which live messages carry its events.
    public let resultName: String
    /// Place among the stream's analytics.
    public let index: Int
    /// Whom its reports are due to, by the stream's own wish.
    public let callbacks: [Callback]
    /// That is given whom it has seen, likewise; `nil`: none is.
    public let handler: UUID?
    public init(
        name: String, resultName: String, index: Int = 0, callbacks: [Callback] = [], handler: UUID? = nil
    ) {
        (self.name, self.resultName, self.index, self.callbacks) = (name, resultName, index, callbacks)
        self.handler = handler
    }
}

/// What is kept beside a durable update, for those who are told of it later.
public struct Retelling: Hashable, Sendable {
    /// `analytics_results` of its live message.
    public let results: JSONText
    /// Whether subscribers of events are told of it.
    public let isNotice: Bool
    /// Of an event that begins: whether they are told of its end.
    public let isNoticeAtEnd: Bool
    public init(results: JSONText, isNotice: Bool, isNoticeAtEnd: Bool = false) {
        (self.results, self.isNotice, self.isNoticeAtEnd) = (results, isNotice, isNoticeAtEnd)
    }
}

extension EventUpdate {
    /// `analytics_results` of its live message. A change that only cuts a track into events is told as of a track that goes on.
    public func results(under name: String) -> JSONValue {
        var members = live.members
        members["track_id"] = .string(event.trackID.wire)
        members["event_id"] = .string(event.id.wire)
        members["event_status"] = .string((status ?? .inProgress).rawValue)
        members["time_offset"] = time.pts.wire
        return [name: .object(members)]
    }
}

/// What one analytic of a stream changed with one frame, in the order in which it happened.
public struct AnalyticUpdates: Sendable {
    public let origin: EventOrigin
    public var updates: [EventUpdate]
    public init(origin: EventOrigin, updates: [EventUpdate]) { (self.origin, self.updates) = (origin, updates) }

    /// The durable ones among them, with what is kept to tell of them again.
    public var durable: [EventUpdate] {
        let hasNotices = origin.callbacks.contains { $0.isEnabled && $0.kind == .webSocketNotification }
        return updates.filter { $0.change != .continued }.map { update in
            var update = update
            update.retelling = Retelling(
                results: JSONText(update.results(under: origin.resultName)), isNotice: hasNotices && update.isReported,
                isNoticeAtEnd: hasNotices && update.isReportedAtEnd)
            return update
        }
    }
    /// What is due to callbacks, each report to each of the origin's callbacks that is enabled and sends it to somebody: now, and of
    /// events that begin, at their end.
    public var deliveries: [Delivery] {
        updates.flatMap { update in
            origin.callbacks.filter { $0.isEnabled && $0.kind.isSent }.flatMap { callback in
                [(update.isReported, false), (update.isReportedAtEnd, true)].filter(\.0).map {
                    Delivery(eventID: update.event.id, callback: callback, isAtEnd: $0.1)
                }
            }
        }
    }
}

/// One report of an event that is due to one callback.
public struct Delivery: Hashable, Sendable {
    public let eventID: UUID
    public let callback: Callback
    /// Due when the event ends, whoever ends it; whoever ends it in good order says so by a report of its own.
    public let isAtEnd: Bool
    public init(eventID: UUID, callback: Callback, isAtEnd: Bool = false) {
        (self.eventID, self.callback, self.isAtEnd) = (eventID, callback, isAtEnd)
    }
}
