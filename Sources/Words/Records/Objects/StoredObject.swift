public import Foundation

/// Bytes that are kept, as the database knows them.
public struct StoredObject: Hashable, Sendable, Identifiable {
    /// Which of the buckets they lie in, each with a lifetime of its own.
    public enum Kind: String, Sendable, CaseIterable {
        case image, object
        case faceSample = "face_sample"
        case bodySample = "body_sample"

        /// Where those of this kind are found: `/6/images`.
        public var path: String {
            switch self {
            case .image: "/6/images"
            case .object: "/6/objects"
            case .faceSample: "/6/samples/faces"
            case .bodySample: "/6/samples/bodies"
            }
        }
        /// `/6/images/<id>`
        public func path(of id: UUID) -> String { "\(path)/\(id.wire)" }
    }
    public let id: UUID
    public let accountID: UUID
    public let kind: Kind
    public let contentType: String
    /// What whoever sent it wrote of it, by the rest of the header's name.
    public let meta: [String: String]
    /// In bytes.
    public let size: Int
    public let createTime: Date
    /// From when on it is no longer there; `nil`: it stays.
    public let expiry: Date?

    public init(
        id: UUID, accountID: UUID, kind: Kind, contentType: String, meta: [String: String] = [:], size: Int,
        createTime: Date, expiry: Date? = nil
    ) {
        (self.id, self.accountID, self.kind, self.contentType) = (id, accountID, kind, contentType)
        (self.meta, self.size, self.createTime, self.expiry) = (meta, size, createTime, expiry)
    }
}
