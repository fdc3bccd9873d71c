import CExpat
import Foundation
import Notifications

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
        let reader = Reader()
        guard let parser = XML_ParserCreate("UTF-8") else {
            throw FetchFailure(description: "There is no memory to read the listing")
        }
        defer { XML_ParserFree(parser) }
        XML_SetUserData(parser, Unmanaged.passUnretained(reader).toOpaque())
        XML_SetElementHandler(
            parser, { state, name, _ in Reader.of(state).begin(String(cString: name!)) },
            { state, _ in Reader.of(state).end() })
        XML_SetCharacterDataHandler(parser) { state, text, count in
            Reader.of(state).add(UnsafeRawBufferPointer(start: text, count: Int(count)))
        }
        // A declaration of entities has no place in a listing, and may swell.
        XML_SetEntityDeclHandler(parser) { state, _, _, _, _, _, _, _, _ in Reader.of(state).hasEntities = true }
        let isRead = bytes.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                XML_Parse(parser, $0.baseAddress, Int32($0.count), 1) == XML_STATUS_OK
            }
        }
        let places = kind.places
        guard isRead, !reader.hasEntities, reader.root == places.name[0] else {
            throw FetchFailure(description: "The server's listing is not what was expected of a container")
        }
        var tag = "", size = 0
        for (place, text) in reader.texts {
            if place == places.name {
                names.append(kind == .s3 ? text.replacing("+", with: " ").removingPercentEncoding ?? text : text)
            } else if place == Self.entry + ["ETag"] {
                tag = text
            } else if place == Self.entry + ["Size"] {
                size = Int(text) ?? 0
            } else if place == Self.entry, let name = names.last {
                entries.append(BucketEntry(name: name, tag: tag, size: size))
                (tag, size) = ("", 0)
            } else if place == places.next, !text.isEmpty {
                next = text
            }
        }
    }

    /// It ends behind all that it holds.
    private static let entry = ["ListBucketResult", "Contents"]

    /// Texts of the elements that have one, with where they stand.
    private final class Reader {
        private var place: [String] = []
        private var text: [UInt8] = []
        private(set) var texts: [([String], String)] = []
        private(set) var root: String?
        var hasEntities = false
        private static let depth = 16

        static func of(_ state: UnsafeMutableRawPointer?) -> Reader {
            Unmanaged<Reader>.fromOpaque(state!).takeUnretainedValue()
        }
        func begin(_ name: String) {
            root = root ?? name
            place.append(name)
            text = []
        }
        func add(_ part: UnsafeRawBufferPointer) { if place.count < Self.depth { text += part } }
        func end() {
            if place.count < Self.depth { texts.append((place, String(decoding: text, as: UTF8.self))) }
            place.removeLast()
            text = []
        }
    }
}
