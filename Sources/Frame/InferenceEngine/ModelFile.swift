import Foundation
import Inference

extension NetworkCard {
    /// Checks the model file against the card's SHA-256, when the card has one.
    /// - Throws: `ModelError`.
    func verifyFile() throws(ModelError) {
        guard let sha256 else { return }
        guard let found = Fingerprint.sha256(ofFile: file) else { throw .missingModel(path: file.path) }
        guard found == sha256 else { throw .wrongHash(path: file.path, expected: sha256, found: found) }
    }
}
