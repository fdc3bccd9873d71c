public import Foundation

/// The handler that every account has from the start: a dynamic one, which makes the events of the account's streams and takes those
/// that were made elsewhere.
///
/// Its id follows from the account's: the same at every start, on every machine. A constant is combined with it bit by bit, except with
/// the bits that say of which version and variant an id is; so no two accounts have one handler, and the account is found from it.
public enum BuiltInHandler {
    public static let description = "The events of the account's streams, and of those who bring their own"
    public static func id(of account: UUID) -> UUID { combined(account) }
    /// The account that would have the handler of this id.
    public static func account(of handler: UUID) -> UUID { combined(handler) }

    private static let pattern: [UInt8] = {
        var bytes = Array("sightline.handlr".utf8)
        bytes[6] &= 0x0f
        bytes[8] &= 0x3f
        return bytes
    }()
    private static func combined(_ id: UUID) -> UUID {
        let bytes = withUnsafeBytes(of: id.uuid) { zip($0, pattern).map { $0 ^ $1 } }
        return bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}
