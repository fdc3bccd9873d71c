import CSodium
import Foundation

/// Signs requests as AWS Signature Version 4 has it: those without a body by headers, others by their query. Source: the AWS General Reference, "Create a signed AWS API
/// request".
struct RequestSignature: Sendable {
    let key, secret, region, service: String
    /// SHA-256 of no bytes.
    private static let emptyHash = hexadecimal(hash([]))

    /// - Parameters:
    ///   - host: with its port, as the `Host` header has it.
    ///   - path: percent-encoded.
    ///   - query: percent-encoded, in the order of its names.
    func headers(
        method: String, host: String, path: String, query: String, at now: Date
    ) -> [(name: String, value: String)] {
        let time = Self.time(now), day = time.prefix(8)
        let names = "host;x-amz-content-sha256;x-amz-date"
        let request = [
            method, path, query, "host:\(host)", "x-amz-content-sha256:\(Self.emptyHash)", "x-amz-date:\(time)", "",
            names, Self.emptyHash,
        ].joined(separator: "\n")
        let scope = scope(on: day), signature = signature(of: request, at: time)
        return [
            ("x-amz-date", time), ("x-amz-content-sha256", Self.emptyHash),
            (
                "Authorization",
                "AWS4-HMAC-SHA256 Credential=\(key)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
            ),
        ]
    }

    /// A query by which somebody else may send a request with any body, until it expires.
    /// - Parameters:
    ///   - host: with its port, as the `Host` header has it.
    ///   - path: percent-encoded.
    ///   - lifetime: seconds.
    func query(method: String, host: String, path: String, for lifetime: Int, at now: Date) -> String {
        let time = Self.time(now)
        let query = [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Credential", "\(key)/\(scope(on: time.prefix(8)))"),
            ("X-Amz-Date", time), ("X-Amz-Expires", "\(lifetime)"), ("X-Amz-SignedHeaders", "host"),
        ].map { "\($0.0)=\($0.1.percentEncoded)" }.joined(separator: "&")
        let request = [method, path, query, "host:\(host)", "", "host", "UNSIGNED-PAYLOAD"].joined(separator: "\n")
        return "\(query)&X-Amz-Signature=\(signature(of: request, at: time))"
    }

    private func scope(on day: Substring) -> String { "\(day)/\(region)/\(service)/aws4_request" }
    private func signature(of request: String, at time: String) -> String {
        let day = time.prefix(8)
        let text = ["AWS4-HMAC-SHA256", time, scope(on: day), Self.hexadecimal(Self.hash(Array(request.utf8)))]
            .joined(separator: "\n")
        var derived = Array("AWS4\(secret)".utf8)
        for part in [String(day), region, service, "aws4_request"] { derived = Self.keyedHash(part, derived) }
        return Self.hexadecimal(Self.keyedHash(text, derived))
    }

    /// `20260131T120000Z`
    private static func time(_ date: Date) -> String {
        let whole = Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
        return whole.formatted(.iso8601.dateSeparator(.omitted).timeSeparator(.omitted))
    }
    private static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        crypto_hash_sha256(&digest, bytes, UInt64(bytes.count))
        return digest
    }
    private static func keyedHash(_ text: String, _ key: [UInt8]) -> [UInt8] {
        let message = Array(text.utf8)
        var state = crypto_auth_hmacsha256_state(), digest = [UInt8](repeating: 0, count: 32)
        crypto_auth_hmacsha256_init(&state, key, key.count)
        crypto_auth_hmacsha256_update(&state, message, UInt64(message.count))
        crypto_auth_hmacsha256_final(&state, &digest)
        return digest
    }
    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
