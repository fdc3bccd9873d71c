public import Foundation
import Notifications
public import Records

/// Where others put objects that are taken from there.
protocol Bucket: Sendable {
    func entries() async throws -> [BucketEntry]
    /// - Throws: `FetchFailure`.
    func bytes(of name: String, limit: Int) async throws -> [UInt8]
    func remove(_ name: String) async throws
}

/// An object in a bucket.
struct BucketEntry: Hashable, Sendable {
    let name: String
    /// Another one for other bytes.
    let tag: String
    let size: Int
}

/// Links to a bucket of S3, where clients put what blobs show instead of sending it to the daemon.
public struct BlobBucket: Hashable, Sendable {
    public static let wanted =
        "an address such as s3+https://KEY:SECRET@HOST/BUCKET, with ?region=REGION where it is not us-east-1"
    /// `s3+https://KEY:SECRET@HOST/BUCKET[?region=REGION]`: a secret.
    public let address: String

    /// `nil` for what is no such address.
    public init?(_ address: String) {
        guard S3Address(address)?.signer != nil else { return nil }
        self.address = address
    }

    /// A link by which anybody may put there what a blob shows, from its making on.
    /// - Parameter lifetime: seconds.
    public func link(to blob: Job, for lifetime: TimeInterval) -> String? {
        guard let place = S3Address(address), let signer = place.signer else { return nil }
        let path = place.path(of: blob.id.wire)
        let query = signer.query(
            method: "PUT", host: place.host, path: path, for: Int(lifetime), at: blob.createTime)
        return "\(place.base)\(path)?\(query)"
    }
}
