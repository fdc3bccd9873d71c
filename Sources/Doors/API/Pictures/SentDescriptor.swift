import Foundation
import Records

/// A descriptor that is the body of a request itself.
enum SentDescriptor {
    private static let sdk = "application/x-sdk-descriptor", xpk = "application/x-vl-xpk", base64 = "-base64"
    static let fileName = "Raw Descriptor"

    /// Whether a body of this type is one.
    static func isOne(_ type: String) -> Bool { [sdk, sdk + base64, xpk, xpk + base64].contains(type) }

    /// - Throws: 12035 of XPK, 12038 of what is no descriptor, 18001, 34001 of one of another network.
    static func read(_ body: [UInt8], type: String) throws(APIError) -> Descriptor {
        guard type.hasPrefix(sdk) else { throw .noXPK }
        var form = body
        if type.hasSuffix(base64) {
            guard let data = Data(base64Encoded: Data(body), options: .ignoreUnknownCharacters) else {
                throw .badBase64
            }
            form = Array(data)
        }
        do throws(Descriptor.Flaw) { return try Descriptor(sdkForm: form) } catch {
            if case .version(let version) = error { throw .descriptorOfOtherNetwork(version) }
            throw .badSDKDescriptor
        }
    }
}
