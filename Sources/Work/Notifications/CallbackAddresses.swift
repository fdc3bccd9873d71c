public import Addresses
import Foundation
public import JSON
public import Records

extension Callback {
    /// Why a callback is refused that names an address which may not be called, in a sentence without an end; `nil` where it may. Names
    /// have theirs looked up with each call.
    public func refusal(by network: NetworkPolicy) -> String? {
        guard let address = literalAddress else { return nil }
        do throws(AddressError) { try network.check(address) } catch {
            guard case .notAllowed(let kind) = error else { return nil }
            return "\(address.text) is \(kind.phrase), which the setting '\(CallbackConfiguration.networksKey)' "
                + "does not allow"
        }
        return nil
    }

    /// The callback of a job, as its door is handed it.
    /// - Parameter url: as it was sent.
    /// - Throws: what is wrong with it, also where it may not be called.
    public init(jobURL url: JSONReader, in network: NetworkPolicy) throws(JSONViolation) {
        try self.init(jobURL: url)
        if let refusal = refusal(by: network) { throw url.violation(refusal) }
    }

    /// `nil` where the host is a name.
    private var literalAddress: NetworkAddress? {
        guard let host = url.flatMap({ URLComponents(string: $0) })?.encodedHost else { return nil }
        return NetworkAddress(literal: host.trimmingPrefix("[").trimmingSuffix("]"))
    }
}

extension JSONReader {
    /// Refuses callbacks that name an address which may not be called.
    /// - Parameters:
    ///   - callbacks: what was read of the member `callbacks`.
    public func check(_ callbacks: [Callback], _ network: NetworkPolicy) throws(JSONViolation) {
        guard let list = try optional("callbacks") else { return }
        for (reader, callback) in zip(try list.items(), callbacks) {
            guard let refusal = callback.refusal(by: network) else { continue }
            throw try reader.required("url").violation(refusal)
        }
    }
}

extension Substring {
    fileprivate func trimmingSuffix(_ mark: Character) -> Substring { last == mark ? dropLast() : self }
}
