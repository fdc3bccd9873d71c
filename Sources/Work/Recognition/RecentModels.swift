import Inference
import Scene
import Synchronization

/// Holds the models that single pictures were looked at with for a while after the latest look, since loading one takes as long as looking
/// at dozens of pictures. What streams hold costs nothing more.
final class RecentModels: Sendable {
    private struct State {
        var models: [any AnyObject & Sendable] = []
        var end = ContinuousClock.now
        var isTimed = false
    }
    private let shelf: any ModelShelf
    private let classifiers: (any ClassifierShelf)?
    private let describers: (any DescriberShelf)?
    private let estimators: (any EstimatorShelf)?
    private let time: Duration
    private let state = Mutex(State())

    init(
        _ shelf: any ModelShelf, classifiers: (any ClassifierShelf)?, describers: (any DescriberShelf)?,
        estimators: (any EstimatorShelf)?, for time: Duration
    ) {
        (self.shelf, self.classifiers, self.describers, self.time) = (shelf, classifiers, describers, time)
        self.estimators = estimators
    }

    func model(_ choice: ModelChoice) async throws -> LoadedModel { hold(try await shelf.model(choice)) }
    /// `nil` where there is none.
    func classifier() async throws -> LoadedClassifier? { hold(try await classifiers?.classifier()) }
    /// `nil` where there is none.
    func describer() async throws -> LoadedDescriber? { hold(try await describers?.describer()) }

    /// `nil` where there is none.
    func estimator(_ head: EstimatorCard.Head) async throws -> LoadedEstimator? {
        guard let estimators, estimators.estimators.contains(head) else { return nil }
        let model = try await estimators.estimator(head)
        return hold(model) as LoadedEstimator
    }

    private func hold<Model: AnyObject & Sendable>(_ model: Model?) -> Model? { model.map(hold) }
    private func hold<Model: AnyObject & Sendable>(_ model: Model) -> Model {
        let isFirst = state.withLock { state in
            if !state.models.contains(where: { $0 === model }) { state.models.append(model) }
            state.end = .now + time
            defer { state.isTimed = true }
            return !state.isTimed
        }
        if isFirst { Task { [weak self] in while let end = self?.letGo() { try? await Task.sleep(until: end) } } }
        return model
    }

    /// - Returns: when to ask again; `nil` when they were let go.
    private func letGo() -> ContinuousClock.Instant? {
        let (end, _) = state.withLock { state -> (ContinuousClock.Instant?, [any AnyObject & Sendable]) in
            guard state.end <= .now else { return (state.end, []) }
            defer { (state.models, state.isTimed) = ([], false) }
            return (nil, state.models)  // freed when the lock is no longer held
        }
        return end
    }
}
