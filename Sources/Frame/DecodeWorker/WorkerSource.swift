import Foundation
import Frames
import Media
import Records
import Scene

/// A source that a process apart demuxes and decodes. One thread of this process hears what that process says. Dropping the last
/// reference ends both.
final class WorkerSource: FrameSource {
    private let state: SourceState
    private let limits: SourceLimitCounts

    /// Starts the thread. The source is open when `waitUntilOpen` returns.
    init(
        _ request: SourceSpecification, rates: [Rate], configuration: MediaConfiguration, launcher: WorkerLauncher,
        limits: SourceLimitCounts, transports: RTSPTransports, trap: WorkerTrap?
    ) throws(WorkerFailure) {
        self.limits = limits
        let memory = try SharedMemory("board", byteCount: SourceBoard.byteCount)
        nonisolated(unsafe) let board = try memory.map(isWritable: true)
        let shared = SourceBoard(board.baseAddress!) { SharedMemory.unmap(board) }
        shared.reset()
        let state = SourceState(request.kind, configuration: configuration, board: shared)
        self.state = state
        let order = Order(
            request: request, rates: rates, configuration: configuration, entrance: .file(name: ""), skipped: 0,
            lane: 0,
            pictureBytes: 0, gifts: [], trap: trap)
        let listener = WorkerListener(
            order, state: state, board: memory, launcher: launcher, transports: transports)
        let thread = Thread { listener.run() }
        thread.stackSize = 512 << 10
        thread.name = "source"
        thread.start()
    }
    deinit { state.cancel() }

    func waitUntilOpen() async throws { try await limits.counting { try await state.waitUntilOpen() } }
    func next() async throws -> Frame? { try await limits.counting { try await state.buffer.next() } }
    func cancel() { state.cancel() }
    func limitSilence(to patience: Duration) { state.interrupt.limit(to: patience) }
    func passVideo(to watcher: (@Sendable (VideoPiece) -> Void)?) { state.passVideo(to: watcher) }
    var statistics: SourceStatistics { state.statistics }
    var properties: SourceProperties { state.properties }
}
