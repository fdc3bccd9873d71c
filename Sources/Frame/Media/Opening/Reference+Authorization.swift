import Foundation
import Records

extension Reference {
    /// FFmpeg keeps so many bytes of user and password for RTSP, as they are encoded in the address, and cuts off the rest.
    private static let longestForRTSP = 127

    /// The same, asked as `authorization` says.
    func asked(as authorization: SourceAuthorization?) throws(MediaError) -> Reference {
        guard let authorization else { return self }
        switch self {
        case .http(let address): return .http(try address.asked(as: authorization))
        case .rtsp(let address):
            let address = try address.asked(as: authorization)
            let length = [address.percentEncodedUser, address.percentEncodedPassword].reduce(1) {
                $0 + ($1?.utf8.count ?? 0)
            }
            guard length <= Self.longestForRTSP else {
                throw .unsupportedReference("is asked with a login and a password that are too long for RTSP")
            }
            return .rtsp(address)
        default: throw .unsupportedReference("takes no login and password")
        }
    }
}

extension URLComponents {
    fileprivate func asked(as authorization: SourceAuthorization) throws(MediaError) -> URLComponents {
        guard user == nil, password == nil else {
            throw .unsupportedReference("names a user beside data.authorization")
        }
        var address = self
        (address.user, address.password) = (authorization.login, authorization.password)
        return address
    }
}
