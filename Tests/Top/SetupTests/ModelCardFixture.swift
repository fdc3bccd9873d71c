import Foundation
import Inference

enum ModelCardFixture {
    static func bundled(_ home: URL) throws -> ModelCard {
        try ModelCard(contentsOf: home.appending(path: "analytics/models/person-accurate.json"))
    }
}
