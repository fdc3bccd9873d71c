import Frames
import Inference
import Scene
import Synchronization

/// How long the looks of one probe took, by kind.
///
/// Streams go first at the models, so a look may have waited, and the clock does not tell that from work. So each of a kind is taken for as
/// long as the quickest of it: what it takes when nobody is in the way, on the one thread that an inference has.
final class LookTimes: Sendable {
    /// Looks that cost the same.
    fileprivate struct Kind: Hashable {
        let model: ObjectIdentifier
        let width, height, squares: Int
    }
    private let times = Mutex<[Kind: (count: Int, least: Duration)]>([:])

    /// Of all looks together, in seconds.
    var processorTime: Double {
        times.withLock { $0.values.reduce(0) { $0 + Double($1.count) * $1.least.seconds } }
    }

    fileprivate func measure<Found>(_ kind: Kind, _ look: () async throws -> Found) async throws -> Found {
        let began = ContinuousClock.now
        let found = try await look()
        let time = ContinuousClock.now - began
        times.withLock { times in
            let known = times[kind]
            times[kind] = ((known?.count ?? 0) + 1, min(known?.least ?? time, time))
        }
        return found
    }
}

/// The models of another shelf, whose looks are timed. Who gets the same there gets the same here.
actor TimedModels: ModelShelf {
    private let shelf: any ModelShelf
    private let times: LookTimes
    private var known: [ObjectIdentifier: LoadedModel] = [:]

    init(_ shelf: any ModelShelf, _ times: LookTimes) { (self.shelf, self.times) = (shelf, times) }

    func model(_ choice: ModelChoice) async throws -> LoadedModel {
        let model = try await shelf.model(choice), id = ObjectIdentifier(model)
        if let same = known[id] { return same }
        let timed = TimedFinder(model, times)
        let whole = LoadedModel(
            finder: timed, squares: model.squares == nil ? nil : timed, thresholds: model.thresholds,
            counting: model.counting, identity: model.identity)
        let result = model.tile.map { LoadedModel(whole, tile: $0) } ?? whole
        known[id] = result
        return result
    }
}

/// Holds the model that it looks with: a shelf lets go of what nobody holds.
private struct TimedFinder: ObjectFinder, SquareFinder {
    private let model: LoadedModel
    private let times: LookTimes

    init(_ model: LoadedModel, _ times: LookTimes) { (self.model, self.times) = (model, times) }

    func find(in frame: Frame, region: PixelRect, urgency: Urgency) async throws -> [Detection] {
        try await times.measure(kind(region.width, region.height)) {
            try await model.finder.find(in: frame, region: region, urgency: urgency)
        }
    }
    func find(
        in frame: Frame, squares: [PixelRect], region: PixelRect, urgency: Urgency
    ) async throws -> [Detection] {
        guard let finder = model.squares else { return [] }
        return try await times.measure(kind(region.width, region.height, squares: squares.count)) {
            try await finder.find(in: frame, squares: squares, region: region, urgency: urgency)
        }
    }
    private func kind(_ width: Int, _ height: Int, squares: Int = 0) -> LookTimes.Kind {
        LookTimes.Kind(model: ObjectIdentifier(model), width: width, height: height, squares: squares)
    }
}
