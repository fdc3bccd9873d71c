public import Foundation
import Synchronization

/// What streams show to those who watch them, by stream. What nobody watches and nobody shows is not kept.
public final class ViewBoard: Sendable {
    private struct Entry {
        weak var view: StreamView?
        let number: Int
    }
    private struct State {
        var entries: [UUID: Entry] = [:]
        var latest = 0
    }
    private let state = Mutex(State())

    public init() {}

    /// The one view of a stream, whether it runs or not. It lives as long as somebody holds it.
    public func view(of stream: UUID) -> StreamView {
        state.withLock { state in
            if let view = state.entries[stream]?.view { return view }
            state.latest += 1
            let number = state.latest
            // Another may have come in its place when it goes.
            let view = StreamView { [weak self] in self?.forget(stream, number) }
            state.entries[stream] = Entry(view: view, number: number)
            return view
        }
    }
    /// Its owner hides from that version on what the stream shows: video of earlier ones goes to nobody any more, not even what waits for a
    /// viewer, however long their runs may take to end.
    public func withholdVideo(of stream: UUID, before version: Int) {
        state.withLock { $0.entries[stream]?.view }?.withholdVideo(before: version)
    }
    /// Viewers of a stream, those included who wait for one picture.
    public func viewerCount(of stream: UUID) -> Int {
        state.withLock { $0.entries[stream]?.view }?.viewerCount ?? 0
    }
    private func forget(_ stream: UUID, _ number: Int) {
        state.withLock { if $0.entries[stream]?.number == number { $0.entries[stream] = nil } }
    }
    /// Streams that are watched or shown.
    var count: Int { state.withLock { $0.entries.count } }
}
