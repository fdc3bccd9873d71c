import Frames
import Inference
import Records
import Scene
import Synchronization
import TestSupport

/// Opens what the test says, by reference; remembers how often.
final class Opener: FrameSourceOpener {
    let openings = Mutex<[String: Int]>([:])
    private let script: @Sendable (SourceSpecification, Int, [Rate]) throws -> SyntheticSource
    init(_ script: @escaping @Sendable (SourceSpecification, Int, [Rate]) throws -> SyntheticSource) {
        self.script = script
    }
    func open(_ request: SourceSpecification, rates: [Rate], answerWithin patience: Duration?) async throws
        -> any FrameSource
    {
        let round = openings.withLock { openings in
            openings[request.reference, default: 0] += 1
            return openings[request.reference]!
        }
        return try script(request, round, rates)
    }
}

/// Remembers how often it was asked.
final class CountedModels: ModelShelf {
    private let models = Models(ScriptedFinder(walkerIn: 2..<5))
    let asked = Atomic(0)
    func model(_ choice: ModelChoice) async throws -> LoadedModel {
        asked.add(1, ordering: .relaxed)
        return try await models.model(choice)
    }
}

/// Keeps nothing, and says that all of it is on disk.
struct NoStore: EventLog {
    func record(
        _ updates: [EventUpdate], deliveries: [Delivery], of stream: StreamDefinition
    ) async throws -> EventTicket? { nil }
    func untilDurable(_ ticket: EventTicket) async -> Bool { true }
}
