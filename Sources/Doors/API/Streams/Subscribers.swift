import Foundation
import HTTPEdge
import Records
import Synchronization

/// Counts those who watch live, of each stream and in all, against the limits of both.
final class Subscribers: Sendable {
    /// One who watches; no longer when nobody holds it.
    final class Place: Sendable {
        private let leave: @Sendable () -> Void
        fileprivate init(leave: @escaping @Sendable () -> Void) { self.leave = leave }
        deinit { leave() }
    }
    private struct Counts {
        var all = 0
        var byStream: [UUID: Int] = [:]
    }
    private let counts = Mutex(Counts())
    private let limit, streamLimit: Int
    private let metrics: LimitMetrics

    init(_ settings: APISettings, metrics: LimitMetrics) {
        (limit, streamLimit) = (settings.subscriberLimit, settings.streamSubscriberLimit)
        self.metrics = metrics
    }

    /// - Parameter stream: `nil`: he watches no single one.
    /// - Throws: when as many watch as may.
    func place(at stream: UUID? = nil) throws(APIError) -> Place {
        let refusal = counts.withLock { counts -> APIError? in
            if counts.all >= limit { return .tooManySubscribers(limit) }
            if let stream, counts.byStream[stream, default: 0] >= streamLimit {
                return .tooManySubscribers(streamLimit, of: stream)
            }
            counts.all += 1
            if let stream { counts.byStream[stream, default: 0] += 1 }
            return nil
        }
        if let refusal {
            metrics.count(.subscribers)
            throw refusal
        }
        return Place { [self] in
            counts.withLock { counts in
                counts.all -= 1
                guard let stream else { return }
                let left = counts.byStream[stream, default: 1] - 1
                counts.byStream[stream] = left > 0 ? left : nil
            }
        }
    }
}

extension APIError {
    fileprivate static func tooManySubscribers(_ limit: Int) -> APIError {
        overloaded("Service has all \(limit) subscribers that it may have at once", retryAfter: .seconds(1))
    }
    fileprivate static func tooManySubscribers(_ limit: Int, of stream: UUID) -> APIError {
        overloaded(
            "Stream with id '\(stream.wire)' has all \(limit) subscribers that it may have at once",
            retryAfter: .seconds(1))
    }
}
