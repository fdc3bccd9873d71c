import Foundation
import Frames
import Records
import Scene

/// A source that one thread of its own reads and decodes. Dropping the last reference ends the thread.
final class MediaSource: FrameSource {
    private let state: SourceState
    private let limits: SourceLimitCounts

    /// Starts the thread. The source is open when `waitUntilOpen` returns.
    init(_ request: SourceSpecification, rates: [Rate], configuration: MediaConfiguration, limits: SourceLimitCounts) {
        self.limits = limits
        let buffer =
            switch request.kind {
            case .stream: FrameBuffer(capacity: max(1, configuration.liveCapacity), policy: .dropOldest)
            case .file: FrameBuffer(capacity: max(1, configuration.fileCapacity), policy: .wait)
            }
        let state = SourceState(
            buffer: buffer, budget: PictureBudget(limit: configuration.maximumPictureMemory))
        self.state = state
        let thread = Thread {
            SourceThread(request, rates: rates, configuration: configuration, state: state).run()
        }
        // Decoders keep their tables on the heap; the deepest stack seen is well under a megabyte.
        thread.stackSize = 4 << 20
        thread.name = "source"
        thread.start()
    }
    deinit { state.cancel() }

    func waitUntilOpen() async throws { try await counting { try await state.waitUntilOpen() } }
    func next() async throws -> Frame? { try await counting { try await state.buffer.next() } }
    private func counting<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch {
            if let limit = (error as? MediaError)?.limit { limits.count(limit) }
            throw error
        }
    }
    func cancel() { state.cancel() }
    func limitSilence(to patience: Duration) { state.interrupt.limit(to: patience) }
    var statistics: SourceStatistics { state.statistics }
    var properties: SourceProperties { state.properties }
}
