import Addresses
import Foundation
import JSON
import Records

/// Who is to be told what a blob shows, as its job keeps it. Nobody tells him yet: that is for the outbox, which knows no jobs.
struct BlobCallback: Hashable, Sendable {
    private let wire: JSONValue

    /// - Returns: `nil` for what is no address that may be called. Names have theirs looked up with each call.
    init?(_ url: String, in network: NetworkPolicy) {
        wire = ["type": "http", "url": .string(url), "params": ["timeout": 10]]
        guard let callback = try? Callback(JSONReader(wire)), callback.endpoint != nil,
            let host = URLComponents(string: url)?.encodedHost
        else { return nil }
        if let address = NetworkAddress(literal: host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))) {
            guard (try? network.check(address)) != nil else { return nil }
        }
    }
    var parameters: JSONValue { ["callback": wire] }
}
