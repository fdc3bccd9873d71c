import CSodium
public import Foundation

/// SHA-256, in lower-case hexadecimal.
public enum Fingerprint {
    public static func sha256(_ contents: Data) -> String {
        var digest = [UInt8](repeating: 0, count: Int(crypto_hash_sha256_BYTES))
        contents.withUnsafeBytes { bytes in
            let start = bytes.bindMemory(to: UInt8.self).baseAddress
            _ = crypto_hash_sha256(&digest, start, UInt64(bytes.count))
        }
        return digest.map { String(format: "%02x", $0) }.joined()
    }
    /// Of a file's contents; `nil` when it cannot be read.
    public static func sha256(ofFile file: URL) -> String? {
        (try? Data(contentsOf: file, options: .mappedIfSafe)).map(sha256)
    }
}
