import Foundation
import Synchronization

/// How much room the data directory's file system has, beside the reserve that is left free.
///
/// Rows have what the file system has free and, where the database is a file on it, the pages in that file that nothing uses: such
/// a file never shrinks, and what was deleted makes place for what comes. Files, such as those of pictures, have what is free.
final class DiskRoom: Sendable {
    /// What may be written.
    enum Level: Hashable, Sendable {
        case ample
        /// The reserve is touched: events, and no files.
        case low
        /// An eighth of the reserve is left: nothing of events, so that whoever deletes has room to do so.
        case exhausted
    }
    /// A file system, in bytes.
    struct Space: Hashable, Sendable {
        var free, size: Int
    }
    private struct State {
        var space: Space?
        var reusable = 0
        var nextLook = ContinuousClock.now
        var wasAmple = true
    }
    private let measure: @Sendable () -> Space?
    private let configuration: DiskReserveConfiguration
    private let report: @Sendable (StoreReport) -> Void
    private let state = Mutex(State())
    /// How long a measurement holds.
    private let holding: Duration

    /// - Parameters:
    ///   - measure: `nil` when it cannot be found out; then there is room.
    ///   - report: told when the reserve is touched and when it is free again.
    init(
        _ configuration: DiskReserveConfiguration, holding: Duration = .milliseconds(100),
        measure: @escaping @Sendable () -> Space?, report: @escaping @Sendable (StoreReport) -> Void = { _ in }
    ) {
        (self.configuration, self.holding, self.measure, self.report) = (configuration, holding, measure, report)
    }
    convenience init(
        of directory: URL, _ configuration: DiskReserveConfiguration,
        report: @escaping @Sendable (StoreReport) -> Void = { _ in }
    ) {
        self.init(configuration, measure: { Space(of: directory) }, report: report)
    }

    /// What the database's own file has to give, in bytes.
    func setReusable(_ bytes: Int) { state.withLock { $0.reusable = bytes } }

    /// Something was deleted: what was measured holds no longer.
    func measureAgain() { state.withLock { $0.nextLook = .now } }

    /// Bytes.
    var reserve: Int { look().space.map { configuration.reserve(ofSize: $0.size) } ?? 0 }
    /// For rows, in bytes.
    var room: Int { look().room }
    /// For files, in bytes.
    var free: Int { look().space?.free ?? .max }
    /// For the database.
    var level: Level { level(of: look().room) }
    /// For other files, which nothing that was deleted from the database makes room for.
    var levelOfFiles: Level { level(of: free) }

    private func level(of room: Int) -> Level {
        let reserve = reserve
        return room >= reserve ? .ample : room >= reserve / 8 ? .low : .exhausted
    }

    private func look() -> (space: Space?, room: Int) {
        let (space, room, change) = state.withLock { state -> (Space?, Int, StoreReport?) in
            if ContinuousClock.now >= state.nextLook {
                state.space = measure()
                state.nextLook = .now + holding
            }
            guard let space = state.space else { return (nil, .max, nil) }
            let room = space.free + state.reusable, reserve = configuration.reserve(ofSize: space.size)
            guard (space.free >= reserve) != state.wasAmple else { return (space, room, nil) }
            state.wasAmple.toggle()
            return (
                space, room,
                state.wasAmple
                    ? .reserveFree(room: space.free) : .reserveTouched(room: space.free, reserve: reserve)
            )
        }
        if let change { report(change) }
        return (space, room)
    }
}

extension DiskRoom.Space {
    /// Of the file system that `directory` lies on; what is kept for the superuser is not free.
    init?(of directory: URL) {
        var found = statvfs()
        guard statvfs(directory.path, &found) == 0 else { return nil }
        let block = Int(found.f_frsize)
        self.init(free: Int(found.f_bavail) * block, size: Int(found.f_blocks) * block)
    }
}
