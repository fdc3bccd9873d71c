import Frames
import Inference
import Scene

/// Finds with one of two inputs of a model, by how large the region is: what is small in a large picture would vanish in a small input.
/// The large one is made when it is first needed, for most cameras never send such pictures.
final class SizedFinder: ObjectFinder {
    private let usual: NetworkFinder
    private let large: MadeOnce<NetworkFinder>

    init(usual: NetworkFinder, large: @escaping @Sendable () async throws -> NetworkFinder) {
        (self.usual, self.large) = (usual, MadeOnce(large))
    }

    func find(in frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Detection] {
        let isLarge = region.width * region.height > ModelCard.largeRegion
        let finder = try await isLarge ? large.value : usual
        return try await finder.find(in: frame, region: region, urgency: urgency)
    }
}

/// Something that is made when it is first asked for, once for all who ask; after a failure again.
private actor MadeOnce<Value: Sendable> {
    private let make: @Sendable () async throws -> Value
    private var making: Task<Value, any Error>?

    init(_ make: @escaping @Sendable () async throws -> Value) { self.make = make }

    var value: Value {
        get async throws {
            let task = making ?? Task { try await make() }
            making = task
            do { return try await task.valueUnlessCancelled } catch {
                if !(error is CancellationError) { making = nil }
                throw error
            }
        }
    }
}
