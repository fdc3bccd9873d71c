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
        Setting("model", \.model),
        Setting("inference.parallelism", \.parallelism, in: 1...256),
    ]
}
