public import Foundation

/// Where something sealed lies: what it is, and of whom.
public struct SealedPlace: Sendable {
    let bytes: [UInt8]
    private init(_ tag: UInt8, _ owner: some Sequence<UInt8>) { bytes = [tag] + owner }
    private init(_ tag: UInt8, _ id: UUID) { self.init(tag, withUnsafeBytes(of: id.uuid) { Array($0) }) }

    public static func reference(ofStream id: UUID) -> SealedPlace { SealedPlace(1, id) }
    public static func analytics(ofStream id: UUID) -> SealedPlace { SealedPlace(2, id) }
    public static func callback(ofEvent id: UUID) -> SealedPlace { SealedPlace(3, id) }
    public static func token(_ id: UUID) -> SealedPlace { SealedPlace(4, id) }
    /// A key of the database's own.
    public static func secret(_ name: String) -> SealedPlace { SealedPlace(5, name.utf8) }
}
