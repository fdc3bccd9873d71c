import Foundation
public import Records
import Scene

extension ModelLibrary.Configuration {
    /// What the operator writes for the model of those who name none: the name of a bundled one, or the path of a card.
    var model: String {
        get { defaultCard.path }
        set { defaultCard = DetectorModel(rawValue: newValue).map(bundledCard) ?? URL(fileURLWithPath: newValue) }
    }

    public static let settings: [Setting<Self>] = [
        Setting("engine_dir", \.engineFolder),
        // What is right for few frames of one stream is not for all frames of all.
        Setting(
            "model", \.model,
            wanted: "'accurate', 'fast' or the path of a card; 'precise' is for an analytic's parameter 'model'",
            accepts: { DetectorModel(rawValue: $0)?.isInTiles != true }),
        Setting("inference.parallelism", \.parallelism, in: 1...256),
    ]
}
