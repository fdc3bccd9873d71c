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
        guard let parser = XML_ParserCreate("UTF-8") else {
            throw FetchFailure(description: "There is no memory to read the listing")
        }
        defer { XML_ParserFree(parser) }
        let reader = Reader(kind, parser)
        XML_SetUserData(parser, Unmanaged.passUnretained(reader).toOpaque())
        XML_SetElementHandler(
            parser, { state, name, _ in Reader.of(state).begin(String(cString: name!)) },
            { state, _ in Reader.of(state).end() })
        XML_SetCharacterDataHandler(parser) { state, text, count in
            Reader.of(state).add(UnsafeRawBufferPointer(start: text, count: Int(count)))
        }
        // A document type has no place in a listing, and its entities may swell.
        XML_SetStartDoctypeDeclHandler(parser) { state, _, _, _, _ in Reader.of(state).refuse() }
        let isRead = bytes.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                XML_Parse(parser, $0.baseAddress, Int32($0.count), 1) == XML_STATUS_OK
            }
        }
        guard isRead, !reader.isRefused, reader.root == kind.places.name[0] else {
            throw FetchFailure(description: "The server's listing is not what was expected of a container")
        }
        (names, entries, next) = (reader.names, reader.entries, reader.next)
    }

    /// The texts of the elements that are looked for; of all else nothing is kept.
    private final class Reader {
        private(set) var names: [String] = []
        private(set) var entries: [BucketEntry] = []
        private(set) var next: String?
        private(set) var root: String?
        private(set) var isRefused = false
        private let kind: Kind
        private let places: (name: [String], next: [String])
        private let parser: XML_Parser
        private var tag = "", size = 0
        private var place: [String] = []
        private var text: [UInt8] = []
        /// Of elements in each other; a listing has fewer.
        private static let depth = 16

        /// Ends behind all that it holds.
        private static let entry = ["ListBucketResult", "Contents"]

        init(_ kind: Kind, _ parser: XML_Parser) { (self.kind, places, self.parser) = (kind, kind.places, parser) }
        static func of(_ state: UnsafeMutableRawPointer?) -> Reader {
            Unmanaged<Reader>.fromOpaque(state!).takeUnretainedValue()
        }

        func refuse() {
            isRefused = true
            XML_StopParser(parser, XML_Bool(XML_FALSE))
        }
        func begin(_ name: String) {
            guard place.count < Self.depth else { return refuse() }
            root = root ?? name
            place.append(name)
            text = []
        }
        func add(_ part: UnsafeRawBufferPointer) { text += part }
        func end() {
            guard !isRefused else { return }
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
