import Addresses
import Foundation
import JSON
import Notifications
import Records

extension JSONReader {
    /// Refuses callbacks that name an address which may not be called. Names have theirs looked up with each call.
    /// - Parameters:
    ///   - callbacks: what was read of the member `callbacks`.
    func check(_ callbacks: [Callback], _ network: NetworkPolicy) throws(JSONViolation) {
        guard let list = try optional("callbacks") else { return }
        for (reader, callback) in zip(try list.items(), callbacks) {
            guard let address = callback.literalAddress else { continue }
            do throws(AddressError) { try network.check(address) } catch {
                guard case .notAllowed(let kind) = error else { continue }
                throw try reader.required("url").violation(
                    "\(address.text) is \(kind.phrase), which the setting '\(CallbackConfiguration.networksKey)' "
                        + "does not allow")
            }
        }
    }
}

extension Callback {
    /// `nil` where the host is a name.
    fileprivate var literalAddress: NetworkAddress? {
        guard let host = url.flatMap({ URLComponents(string: $0) })?.encodedHost else { return nil }
        return NetworkAddress(literal: host.trimmingPrefix("[").trimmingSuffix("]"))
    }
}

extension Substring {
    fileprivate func trimmingSuffix(_ mark: Character) -> Substring { last == mark ? dropLast() : self }
}
