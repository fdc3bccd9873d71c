public import Foundation
public import Inference
import InferenceEngine
import Records
public import Scene

/// The models of this process: from a choice to the card, to the network, to what finds people or faces with it.
///
/// Each is loaded once and shared by all who ask for it. The one that is kept stays loaded; any other is freed when the last
/// holder of its `LoadedModel` lets it go, and loaded again for the next.
public actor ModelLibrary: ModelShelf, ClassifierShelf, DescriberShelf, EstimatorShelf {
    public struct Configuration: Sendable {
        /// Folder of the OpenVINO libraries.
        public var engineFolder: URL
        /// Inferences at once, over all models, one thread each. At least 1.
        public var parallelism: Int
        /// The card for those who name no model.
        public var defaultCard: URL
        /// The card of a bundled model that has one of its own.
        public var bundledCard: @Sendable (DetectorModel) -> URL
        /// The card of the model that finds faces, whose file may not be there.
        public var faceCard: URL
        /// The card of the model that says what the thing in a picture is, whose file may not be there.
        public var thingCard: URL
        /// The card of the model that says where the points of a known face are, whose file may not be there.
        public var facePointsCard: URL
        /// The card of the same model for whole frames.
        public var facesAgainCard: URL
        /// The card of the model that says what a face looks like, whose file may not be there.
        public var descriptorCard: URL?
        /// The cards of models that estimate something of faces, whose files may not be there.
        public var estimatorCards: [EstimatorCard.Head: URL]
        public init(
            engineFolder: URL, parallelism: Int, defaultCard: URL,
            bundledCard: @escaping @Sendable (DetectorModel) -> URL, faceCard: URL, thingCard: URL,
            facePointsCard: URL, facesAgainCard: URL, descriptorCard: URL? = nil,
            estimatorCards: [EstimatorCard.Head: URL] = [:]
        ) {
            (self.engineFolder, self.parallelism) = (engineFolder, parallelism)
            (self.faceCard, self.thingCard) = (faceCard, thingCard)
            (self.facePointsCard, self.facesAgainCard) = (facePointsCard, facesAgainCard)
            (self.defaultCard, self.bundledCard) = (defaultCard, bundledCard)
            (self.descriptorCard, self.estimatorCards) = (descriptorCard, estimatorCards)
        }

        /// Whether there is a model that finds faces.
        public var findsFaces: Bool { (try? ModelCard(contentsOf: faceCard)) != nil }
        /// Whether there is a model that says what the thing in a picture is.
        public var namesThings: Bool { (try? ClassifierCard(contentsOf: thingCard)) != nil }
        /// Whether there is one that says where the points of a known face are.
        public var findsFacePoints: Bool { (try? ModelCard(contentsOf: facePointsCard)) != nil }
        /// Whether there is a second one that finds faces.
        public var findsFacesAgain: Bool { (try? ModelCard(contentsOf: facesAgainCard)) != nil }
        /// Whether there is one that says what a face looks like.
        public var describesFaces: Bool { descriptorCard.flatMap { try? DescriptorCard(contentsOf: $0) } != nil }
        /// What of faces there are models to estimate it.
        public var estimators: Set<EstimatorCard.Head> {
            Set(estimatorCards.filter { (try? EstimatorCard(contentsOf: $0.value))?.head == $0.key }.keys)
        }
        fileprivate func card(_ choice: ModelChoice) -> (file: URL, task: ModelCard.Task) {
            switch choice {
            case .people(let name): (name.map { bundledCard($0.network) } ?? defaultCard, .person)
            case .faces: (faceCard, .face)
            case .facePoints: (facePointsCard, .face)
            case .facesAgain: (facesAgainCard, .face)
            }
        }
    }

    /// A model that is loaded, for as long as somebody holds it.
    public struct Loaded: Sendable {
        public let model: LoadedModel
        public let finder: NetworkFinder
        /// For the log: model and engine.
        public let description: String
    }
    private struct Shelved {
        weak var model: LoadedModel?
        weak var finder: NetworkFinder?
        let description: String
        init(_ loaded: Loaded) { (model, finder, description) = (loaded.model, loaded.finder, loaded.description) }
        var loaded: Loaded? {
            guard let model, let finder else { return nil }
            return Loaded(model: model, finder: finder, description: description)
        }
    }

    private let configuration: Configuration
    private let watch = InferenceWatch()
    private var engine: Task<Engine, any Error>?
    private var shelved: [URL: Shelved] = [:]
    private var loading: [URL: Task<Loaded, any Error>] = [:]
    private var kept: [Loaded] = []
    /// The one that looks in tiles.
    private weak var inTiles: LoadedModel?
    private weak var latestClassifier: LoadedClassifier?
    private var loadingClassifier: Task<LoadedClassifier, any Error>?
    private weak var latestDescriber: LoadedDescriber?
    private var loadingDescriber: Task<LoadedDescriber, any Error>?
    public nonisolated let estimators: Set<EstimatorCard.Head>
    private struct LatestEstimator { weak var model: LoadedEstimator? }
    private var latestEstimators: [EstimatorCard.Head: LatestEstimator] = [:]
    private var loadingEstimators: [EstimatorCard.Head: Task<LoadedEstimator, any Error>] = [:]

    public init(_ configuration: Configuration) {
        (self.configuration, estimators) = (configuration, configuration.estimators)
    }

    public func model(_ choice: ModelChoice) async throws -> LoadedModel {
        let loaded = try await load(choice)
        guard case .people(let name?) = choice, name.isInTiles else { return loaded.model }
        if let inTiles { return inTiles }
        let input = loaded.finder.card.input
        let model = LoadedModel(loaded.model, tile: PixelSize(width: input.width, height: input.height))
        inTiles = model
        return model
    }

    /// Loads the model of the settings and keeps it for as long as the library is there.
    /// - Throws: `ModelError`, `EngineError`.
    public func keepDefault() async throws -> Loaded {
        let loaded = try await load(.people(nil))
        kept.append(loaded)
        return loaded
    }

    /// Whether inference works, by how the latest one went. Returns while all is well.
    public nonisolated func check() throws(InferenceTrouble) { try watch.check() }

    private func load(_ choice: ModelChoice) async throws -> Loaded {
        let (card, wanted) = configuration.card(choice)
        let file = card.standardizedFileURL
        if let loaded = shelved[file]?.loaded { return loaded }
        let task = loading[file] ?? Task { try await loadAndShelve(file, for: wanted) }
        loading[file] = task
        return try await task.valueUnlessCancelled
    }
    /// Goes on when whoever asked for it asks no longer: another stream may, and an engine that compiles cannot be stopped.
    private func loadAndShelve(_ file: URL, for task: ModelCard.Task) async throws -> Loaded {
        // Also after a failure: what was wrong may be right at the next try.
        defer { loading[file] = nil }
        let loaded = try await make(file, for: task)
        shelved[file] = Shelved(loaded)
        return loaded
    }

    private func make(_ file: URL, for task: ModelCard.Task) async throws -> Loaded {
        let card = try ModelCard(contentsOf: file)
        guard card.task == task else {
            throw ModelError.wrongTask(path: file.path, expected: task, found: card.task)
        }
        let engine = try await loadEngine()
        let finder = try await finder(card, engine)
        return Loaded(
            model: LoadedModel(
                finder: sized(finder, engine), squares: try await squares(card, engine), thresholds: card.thresholds,
                counting: card.counting, identity: card.identity(file)),
            finder: finder,
            description: "\(card.name) on \(engine.version)")
    }
    private func finder(_ card: ModelCard, _ engine: Engine) async throws -> NetworkFinder {
        try NetworkFinder(card: card, network: try await engine.network(card), watch: watch)
    }
    /// With the large input too, where the card has one.
    private func sized(_ finder: NetworkFinder, _ engine: Engine) -> any ObjectFinder {
        guard let large = finder.card.input.large else { return finder }
        let card = finder.card.with(large)
        return SizedFinder(usual: finder) { [self] in try await self.finder(card, engine) }
    }
    private func squares(_ card: ModelCard, _ engine: Engine) async throws -> (any SquareFinder)? {
        guard let square = card.input.square else { return nil }
        return try await NetworkSquareFinder(card: card, square: square, engine: engine, watch: watch)
    }

    public func classifier() async throws -> LoadedClassifier {
        if let latestClassifier { return latestClassifier }
        let task = loadingClassifier ?? Task { try await loadClassifier() }
        loadingClassifier = task
        return try await task.valueUnlessCancelled
    }
    private func loadClassifier() async throws -> LoadedClassifier {
        defer { loadingClassifier = nil }
        let card = try ClassifierCard(contentsOf: configuration.thingCard)
        let network = try await loadEngine().network(card)
        let loaded = LoadedClassifier(
            classifier: try NetworkClassifier(card: card, network: network, watch: watch), taxonomy: card.taxonomy,
            identity: card.identity(configuration.thingCard))
        latestClassifier = loaded
        return loaded
    }

    public func describer() async throws -> LoadedDescriber {
        if let latestDescriber { return latestDescriber }
        let task = loadingDescriber ?? Task { try await loadDescriber() }
        loadingDescriber = task
        return try await task.valueUnlessCancelled
    }
    private func loadDescriber() async throws -> LoadedDescriber {
        defer { loadingDescriber = nil }
        guard let file = configuration.descriptorCard else {
            throw ModelError.unreadableCard(path: "", reason: "no card of a model that describes faces is named")
        }
        let card = try DescriptorCard(contentsOf: file)
        let network = try await loadEngine().network(card)
        let loaded = LoadedDescriber(describer: try NetworkDescriber(card: card, network: network, watch: watch))
        latestDescriber = loaded
        return loaded
    }

    public func estimator(_ head: EstimatorCard.Head) async throws -> LoadedEstimator {
        if let model = latestEstimators[head]?.model { return model }
        let task = loadingEstimators[head] ?? Task { try await loadEstimator(head) }
        loadingEstimators[head] = task
        return try await task.valueUnlessCancelled
    }
    private func loadEstimator(_ head: EstimatorCard.Head) async throws -> LoadedEstimator {
        defer { loadingEstimators[head] = nil }
        guard let file = configuration.estimatorCards[head] else {
            throw ModelError.unreadableCard(path: "", reason: "no card with the head '\(head.rawValue)' is named")
        }
        let card = try EstimatorCard(contentsOf: file)
        let network = try await loadEngine().network(card)
        let loaded = LoadedEstimator(
            card: card, estimator: try NetworkEstimator(card: card, network: network, watch: watch))
        latestEstimators[head] = LatestEstimator(model: loaded)
        return loaded
    }

    private func loadEngine() async throws -> Engine {
        let task =
            engine
            ?? Task { [configuration] in
                try await Engine.load(folder: configuration.engineFolder, parallelism: configuration.parallelism)
            }
        engine = task
        do {
            return try await task.value
        } catch {
            engine = nil
            throw error
        }
    }
}

extension NetworkCard {
    /// The hash that the card gives was compared with the file's when that was loaded.
    fileprivate func identity(_ card: URL) -> ModelIdentity? {
        guard let model = sha256 ?? Fingerprint.sha256(ofFile: file), let own = Fingerprint.sha256(ofFile: card) else {
            return nil
        }
        return ModelIdentity(name: name, sha256: model, cardSHA256: own)
    }
}
