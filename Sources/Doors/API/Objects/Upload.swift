import Foundation
import HTTPEdge
import ObjectStore
import ObjectTransfer
import Records
import Scene
import Store

extension Services {
    /// Takes a body in, straight to the disk.
    /// - Parameter counts: whether it is to be kept, and so counts as what its account has.
    /// - Throws: `StoreError` when there is no room for it, or its account may not have more.
    func receive(_ call: Call, counts: Bool = true) async throws -> ObjectUpload {
        try await ObjectTransfer.receive(try call.bytes(), of: counts ? call.caller.account.id : nil, in: store)
    }
}

extension Query {
    /// `ttl`; `nil`: as the bucket has it.
    func lifetime() throws(Refusal) -> Lifetime? {
        guard let days = try integer("ttl", in: -1...365) else { return nil }
        guard let lifetime = Lifetime(days: days) else { throw .badQuery("ttl") }
        return lifetime
    }
}
