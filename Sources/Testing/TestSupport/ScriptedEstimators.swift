public import Foundation
import Frames
public import Inference
import Scene
public import Synchronization

/// Models that say the same of every face, whatever it looks like.
public final class ScriptedEstimators: EstimatorShelf {
    private struct Script: FaceEstimator {
        let outputs: [[Float]]
        let shown: @Sendable ([FaceCrop]) -> Void
        func estimate(_ crops: [FaceCrop], of picture: any Picture, urgency: Urgency) -> [[[Float]]] {
            shown(crops)
            return crops.map { _ in outputs }
        }
    }
    private let cards: [EstimatorCard.Head: EstimatorCard]
    private let outputs: [EstimatorCard.Head: [[Float]]]
    /// What each model was shown, at each time that it was asked.
    public let shown = Mutex<[(head: EstimatorCard.Head, crops: [FaceCrop])]>([])

    /// - Parameters:
    ///   - folder: of the cards that come with Sightline, whose model files need not be there.
    ///   - outputs: of each model that there is.
    ///   - gate: instead of the cards' own; `nil` leaves them theirs.
    public init(
        cards folder: URL, _ outputs: [EstimatorCard.Head: [[Float]]], gate: EstimatorCard.Gate? = nil
    ) throws {
        var cards: [EstimatorCard.Head: EstimatorCard] = [:]
        for head in outputs.keys {
            let name = head == .faceMesh ? "mesh" : head.rawValue
            var card = try EstimatorCard(describedBy: folder.appending(path: "face-\(name).json"))
            if let gate { card.gate = gate }
            cards[head] = card
        }
        (self.cards, self.outputs) = (cards, outputs)
    }

    public var estimators: Set<EstimatorCard.Head> { Set(cards.keys) }
    public func estimator(_ head: EstimatorCard.Head) -> LoadedEstimator {
        LoadedEstimator(
            card: cards[head]!,
            estimator: Script(outputs: outputs[head]!) { [weak self] crops in
                self?.shown.withLock { $0.append((head, crops)) }
            })
    }
}
