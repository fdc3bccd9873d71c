import Crypto
import Foundation

// MD5 is what storage protocols ask for as a checksum; it protects nothing.
extension Insecure.MD5Digest {
    var base64: String { Data(self).base64EncodedString() }
    /// 32 hexadecimal digits.
    var hexadecimal: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
