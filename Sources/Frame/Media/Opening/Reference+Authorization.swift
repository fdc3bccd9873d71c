import Foundation
import Records

extension Reference {
    /// FFmpeg keeps so many bytes of user and password for RTSP, as they are encoded in the address, and cuts off the rest.
    private static let longestForRTSP = 127
    /// The same for HTTP.
    private static let longestForHTTP = 1023

    /// The same, asked as `authorization` says.
    func asked(as authorization: SourceAuthorization?) throws(MediaError) -> Reference {
        guard let authorization else { return self }
        switch self {
        case .http(let address): return .http(try address.asked(as: authorization, atMost: Self.longestForHTTP))
        case .rtsp(let address): return .rtsp(try address.asked(as: authorization, atMost: Self.longestForRTSP))
        default: throw .unsupportedReference("takes no login and password")
        }
    }
}

extension URLComponents {
    fileprivate func asked(
        as authorization: SourceAuthorization, atMost longest: Int
    ) throws(MediaError) -> URLComponents {
        guard user == nil, password == nil else {
            throw .unsupportedReference("names a user beside data.authorization")
        }
        var address = self
        (address.user, address.password) = (authorization.login, authorization.password)
        let length = [address.percentEncodedUser, address.percentEncodedPassword].reduce(1) {
            $0 + ($1?.utf8.count ?? 0)
        }
        guard length <= longest else {
            throw .unsupportedReference("is asked with a login and a password that are too long for it")
        }
        return address
    }
}
