import CSodium
import Foundation
import Inference

extension ModelCard {
    /// Checks the model file against the card's SHA-256, when the card has one.
    /// - Throws: `ModelError`.
    func verifyFile() throws(ModelError) {
        guard let sha256 else { return }
        guard let contents = try? Data(contentsOf: file, options: .mappedIfSafe) else {
            throw .missingModel(path: file.path)
        }
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        contents.withUnsafeBytes { bytes in
            let start = bytes.bindMemory(to: UInt8.self).baseAddress
            _ = crypto_hash_sha256(&digest, start, UInt64(bytes.count))
        }
        let found = digest.map { String(format: "%02x", $0) }.joined()
        guard found == sha256 else { throw .wrongHash(path: file.path, expected: sha256, found: found) }
    }
}
