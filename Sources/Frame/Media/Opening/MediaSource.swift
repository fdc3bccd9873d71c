import CFFmpeg
import Foundation
import Frames
import Records
import Scene

/// A source that one thread of its own reads and decodes. Dropping the last reference ends the thread.
final class MediaSource: FrameSource {
    private let state: SourceState
    private let limits: SourceLimitCounts

    /// Starts the thread. The source is open when `waitUntilOpen` returns.
    init(
        _ request: SourceSpecification, rates: [Rate], configuration: MediaConfiguration, limits: SourceLimitCounts,
        transports: RTSPTransports
    ) {
        self.limits = limits
        let state = SourceState(request.kind, configuration: configuration, board: SourceBoard())
        self.state = state
        let thread = Thread {
            do throws(MediaError) {
                state.interrupt.arm(configuration.openDeadline)
                let approach = try Approach(request, configuration: configuration, transports: transports)
                let outlet = LocalOutlet(state, approach: approach, limit: configuration.maximumPictureMemory)
                SourceThread(
                    request, rates: rates, configuration: configuration, entrance: approach.entrance,
                    file: approach.file, outlet: outlet
                ).run()
            } catch {
                state.finish(error)
            }
        }
        // Decoders keep their tables on the heap; the deepest stack seen is well under a megabyte.
        thread.stackSize = 4 << 20
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

extension SourceLimitCounts {
    /// Counts what `body` throws because of a limit.
    package func counting<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch {
            if let limit = (error as? MediaError)?.limit { count(limit) }
            throw error
        }
    }
}

/// Hands frames over within this process.
private final class LocalOutlet: SourceOutlet {
    private let state: SourceState
    private let approach: Approach
    let budget: PictureBudget
    let shells = FrameShells()
    private let scratch = ScratchPool()

    init(_ state: SourceState, approach: Approach, limit: Int) {
        (self.state, self.approach) = (state, approach)
        budget = PictureBudget(limit: limit, board: state.board)
    }
    var board: SourceBoard { state.board }
    var interrupt: Interrupt { state.interrupt }
    var arena: (any PictureArena)? { nil }

    func opened(_ properties: SourceProperties) {
        approach.opened(properties)
        state.properties = properties
        state.opened(.success(()))
    }
    func deliver(
        _ frame: UnsafeMutablePointer<AVFrame>, _ presentation: Presentation, _ time: FrameTime,
        _ consumers: ConsumerSet
    ) -> Bool {
        let picture = DecodedPicture(frame, presentation, keeper: shells, scratch: scratch)
        return state.buffer.push(Frame(time: time, consumers: consumers, picture: picture))
    }
    func pass(_ piece: VideoPiece) { state.pass(piece) }
    func finish(_ error: MediaError?, whileOpening: Bool) {
        state.finish(whileOpening ? error.map(approach.reason) : error)
    }
}
