import Foundation
import JSON

/// What a receiver and the daemon alone know, and reports are signed with. However it is printed, it is `***`.
///
/// On the wire `whsec_` and the Base64 of 24 to 64 bytes, as Standard Webhooks 1.0.0 has it.
public struct SigningSecret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    public let bytes: [UInt8]

    public init?(_ text: String) {
        guard text.hasPrefix("whsec_"), let data = Data(base64Encoded: String(text.dropFirst(6))),
            (24...64).contains(data.count)
        else { return nil }
        bytes = Array(data)
    }
    init(_ reader: JSONReader) throws(JSONViolation) {
        guard let secret = SigningSecret(try reader.string(maximumLength: 128)) else {
            throw reader.violation("Input should be 'whsec_' and the Base64 of 24 to 64 bytes")
        }
        self = secret
    }

    public var description: String { Redaction.mask }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
