import Foundation
import Notifications
import XML

/// A page of a container's names, as Azure's *List Blobs* or S3's *ListObjectsV2* sends it.
struct BucketListing: Sendable {
    enum Kind: Sendable {
        case azure, s3
        /// Where a name stands, and where what leads to the next page.
        fileprivate var places: (name: [String], next: [String]) {
            switch self {
            case .azure: (["EnumerationResults", "Blobs", "Blob", "Name"], ["EnumerationResults", "NextMarker"])
            case .s3: (["ListBucketResult", "Contents", "Key"], ["ListBucketResult", "NextContinuationToken"])
            }
        }
    }
    private(set) var names: [String] = []
    /// Of S3: what is known of each beside its name.
    private(set) var entries: [BucketEntry] = []
    /// `nil` on the last page.
    private(set) var next: String?

    /// - Throws: `FetchFailure` for what is no such page.
    init(_ bytes: [UInt8], _ kind: Kind) throws(FetchFailure) {
        let reader = Reader(kind)
        guard readXML(bytes, to: reader), reader.root == kind.places.name[0] else {
            throw FetchFailure(description: "The server's listing is not what was expected of a container")
        }
        (names, entries, next) = (reader.names, reader.entries, reader.next)
    }

    /// The texts of the elements that are looked for; of all else nothing is kept.
    private final class Reader: XMLListener {
        private(set) var names: [String] = []
        private(set) var entries: [BucketEntry] = []
        private(set) var next: String?
        private(set) var root: String?
        private let kind: Kind
        private let places: (name: [String], next: [String])
        private var tag = "", size = 0
        private var place: [String] = []
        private var text: [UInt8] = []
        /// Of elements in each other; a listing has fewer.
        private static let depth = 16

        /// Ends behind all that it holds.
        private static let entry = ["ListBucketResult", "Contents"]

        init(_ kind: Kind) { (self.kind, places) = (kind, kind.places) }

        func begin(_ name: String, _ attributes: [String: String]) -> Bool {
            guard place.count < Self.depth else { return false }
            root = root ?? name
            place.append(name)
            text = []
            return true
        }
        func add(_ part: UnsafeRawBufferPointer) { text += part }
        func end() {
            let text = String(decoding: text, as: UTF8.self)
            if place == places.name {
                names.append(kind == .s3 ? text.replacing("+", with: " ").removingPercentEncoding ?? text : text)
            } else if place == places.next, !text.isEmpty {
                next = text
            } else if place == Self.entry, let name = names.last {
                entries.append(BucketEntry(name: name, tag: tag, size: size))
                (tag, size) = ("", 0)
            } else if place.dropLast() == Self.entry[...] {
                if place.last == "ETag" { tag = text } else if place.last == "Size" { size = Int(text) ?? 0 }
            }
            place.removeLast()
            self.text = []
        }
    }
}
