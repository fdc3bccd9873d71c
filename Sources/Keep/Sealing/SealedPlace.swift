public import Foundation

/// Where something sealed lies: what it is, and of whom.
public struct SealedPlace: Sendable {
    private enum Owner { case id(UUID), name(String) }
    private let tag: UInt8
    private let owner: Owner
    private init(_ tag: UInt8, _ owner: Owner) { (self.tag, self.owner) = (tag, owner) }

    public static func reference(ofStream id: UUID) -> SealedPlace { SealedPlace(1, .id(id)) }
    public static func analytics(ofStream id: UUID) -> SealedPlace { SealedPlace(2, .id(id)) }
    public static func callback(ofEvent id: UUID) -> SealedPlace { SealedPlace(3, .id(id)) }
    public static func callback(ofLane id: UUID) -> SealedPlace { SealedPlace(6, .id(id)) }
    public static func token(_ id: UUID) -> SealedPlace { SealedPlace(4, .id(id)) }
    public static func parameters(ofJob id: UUID) -> SealedPlace { SealedPlace(7, .id(id)) }
    /// Of any of its items.
    public static func item(ofJob id: UUID) -> SealedPlace { SealedPlace(8, .id(id)) }
    /// What a report of a job says.
    public static func body(ofDelivery id: UUID) -> SealedPlace { SealedPlace(9, .id(id)) }
    /// Who is told of jobs.
    public static func callback(ofJobs id: UUID) -> SealedPlace { SealedPlace(10, .id(id)) }
    /// Who a stream asks its source as.
    public static func credentials(ofStream id: UUID) -> SealedPlace { SealedPlace(11, .id(id)) }
    /// Of a handler of its own.
    public static func policies(ofHandler id: UUID) -> SealedPlace { SealedPlace(12, .id(id)) }
    /// A key of the database's own.
    public static func secret(_ name: String) -> SealedPlace { SealedPlace(5, .name(name)) }

    /// The tag and the owner's bytes.
    func withBytes<T>(_ body: (UnsafeBufferPointer<UInt8>) -> T) -> T {
        switch owner {
        case .id(let id):
            withUnsafeBytes(of: (tag, id.uuid)) { body($0.assumingMemoryBound(to: UInt8.self)) }
        case .name(let name): ([tag] + name.utf8).withUnsafeBufferPointer(body)
        }
    }
}
