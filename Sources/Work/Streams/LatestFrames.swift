public import Foundation
public import Records
import Synchronization

/// What the frames of a stream show for one reader: of each event, and of each analytic's errors, the latest alone, until it is taken.
/// Beginnings and ends are none of its business, so it holds no more than the stream has open events, however slow its reader is.
public final class LatestFrames: Sendable {
    /// What one frame shows of one event, or the error that an analytic met in it.
    public enum News: Sendable {
        case update(AnalyticUpdates, event: UUID)
        case error(resultName: String, String)
    }
    fileprivate enum Key: Hashable {
        case event(UUID)
        case error(String)
    }
    fileprivate struct State {
        var latest: [Key: (order: Int, news: News)] = [:]
        var order = 0
        var dropped = 0
    }
    /// Events and errors that may wait; further ones are left out.
    static let capacity = 1024
    private let state = Mutex(State())
    private let onNews: @Sendable () -> Void

    init(onNews: @escaping @Sendable () -> Void) { self.onNews = onNews }

    /// Frames that a later one came before, or that there was no room for.
    public var droppedCount: Int { state.withLock { $0.dropped } }

    func offer(_ message: LiveMessage) {
        state.withLock { state in
            switch message {
            case .updates(let analytics):
                for analytic in analytics {
                    for update in analytic.updates {
                        let key = Key.event(update.event.id)
                        guard update.change == .continued else {
                            state.latest[key] = nil
                            continue
                        }
                        let one = AnalyticUpdates(origin: analytic.origin, updates: [update])
                        state.put(.update(one, event: update.event.id), at: key)
                    }
                }
            case .analyticError(let name, let error):
                state.put(.error(resultName: name, error), at: .error(name))
            case .failed, .finished: break
            }
        }
        onNews()
    }

    /// All that waits, in the order in which it came; it waits no longer.
    public func take() -> [News] {
        let latest = state.withLock { state in
            defer { state.latest = [:] }
            return state.latest
        }
        return latest.values.sorted { $0.order < $1.order }.map(\.news)
    }
}

extension LatestFrames.State {
    fileprivate mutating func put(_ news: LatestFrames.News, at key: LatestFrames.Key) {
        let isKnown = latest[key] != nil
        if isKnown || latest.count >= LatestFrames.capacity { dropped += 1 }
        guard isKnown || latest.count < LatestFrames.capacity else { return }
        order += 1
        latest[key] = (order, news)
    }
}
