import Foundation
import JSON

/// One picture that a batch is to look at.
struct ListedPicture: Hashable, Sendable {
    /// A path from the container's root, or a URL.
    let locator: String
    /// What whoever listed it wrote beside it.
    let meta: String?
}

/// Which pictures of a list are looked at: first those whose locators begin as is wanted and end as pictures do, then the first of them,
/// then some of these.
struct PictureList: Sendable {
    /// Endings of what is looked at, in any case.
    static let endings = [".jpg", ".jpeg", ".png"]

    private let request: BatchRequest
    private let limit: Int
    /// What the list or the container named.
    private(set) var count = 0
    private(set) var pictures: [ListedPicture] = []
    private var known: Set<ListedPicture> = []
    private var surplus = 0
    /// Of the locators and texts that are kept, in bytes.
    private var size = 0
    /// Of these, and of names of a container for each picture that a batch may have.
    private static let sizeLimit = 512 << 20, namesForEach = 10
    /// Of what is written beside a picture in a list.
    private static let valueLimit = 100_000

    /// - Parameter limit: pictures at most.
    init(_ request: BatchRequest, limit: Int) { (self.request, self.limit) = (request, limit) }

    mutating func add(_ picture: ListedPicture) {
        count += 1
        guard picture.locator.hasPrefix(request.prefix), Self.isPicture(picture.locator, isURL: request.usesURLs),
            !known.contains(picture)
        else { return }
        guard pictures.count < limit else {
            surplus += 1
            return
        }
        known.insert(picture)
        pictures.append(picture)
        size += picture.locator.utf8.count + (picture.meta?.utf8.count ?? 0)
    }
    /// Of a container that goes on and on, and may have no end.
    func check() throws(JobFailure) {
        guard size <= Self.sizeLimit else {
            throw .preparing("the names of the pictures have more than \(Self.sizeLimit >> 20) MiB")
        }
        guard count <= limit * Self.namesForEach else {
            throw .preparing("the container has more than \(limit * Self.namesForEach) names")
        }
    }

    /// With a URL the path counts; in a container a `#` belongs to the name.
    static func isPicture(_ locator: String, isURL: Bool) -> Bool {
        let name = isURL ? String(locator.prefix { $0 != "?" && $0 != "#" }) : locator
        return endings.contains { name.lowercased().hasSuffix($0) }
    }

    /// What is left when all is known.
    /// - Throws: `JobFailure` in the words of the contract.
    func chosen() throws(JobFailure) -> [ListedPicture] {
        var pictures = pictures
        let first = try Self.number(request.firstN, "first_n")
        if let first { pictures = Array(pictures.prefix(first)) }
        guard surplus == 0 || first.map({ $0 <= limit }) == true else {
            throw JobFailure(
                "The number of images (\(pictures.count + surplus)) requested for processing exceeds the maximum accepted \(limit) in one call"
            )
        }
        guard let wanted = try Self.number(request.sampleN, "sample_n") else { return pictures }
        guard wanted <= pictures.count else {
            throw .preparing(
                "parameter sample_n specifies more images than available (after filtering by other provided params).")
        }
        let places = Set(pictures.indices.shuffled().prefix(wanted))
        return pictures.indices.filter(places.contains).map { pictures[$0] }
    }
    /// `nil` for what is ignored.
    private static func number(_ value: JSONValue, _ name: String) throws(JobFailure) -> Int? {
        let number: Double?
        switch value {
        case .null, .bool(false), "": return nil
        case .string(let text): number = Double(text)
        default: number = value.double
        }
        guard let number, number.isFinite else { throw .preparing("parameter \(name) is not a number.") }
        guard number >= 0 else { throw .preparing("parameter \(name) is \(name == "first_n" ? "0" : "negative").") }
        return number == 0 ? nil : Int(min(number, 1e15))
    }

    /// The locators of a list: all strings, or all pairs of a locator and what is written beside it.
    /// - Throws: `JobFailure` in the words of the contract.
    static func read(_ bytes: [UInt8], _ take: (ListedPicture) -> Void) throws(JobFailure) {
        let invalid = "image paths provided in the json are not valid: "
        var isOfPairs: Bool?, failure: JobFailure?
        let isArray = JSONScan(bytes).readItems(valueLimit: valueLimit) { item in
            switch item {
            case .string(let locator) where isOfPairs != true:
                isOfPairs = false
                take(ListedPicture(locator: locator, meta: nil))
                return true
            case .array(let pair) where isOfPairs != false:
                isOfPairs = true
                guard pair.count == 2, let locator = pair[0].string else { break }
                take(ListedPicture(locator: locator, meta: pair[1].string ?? pair[1].text))
                return true
            default: break
            }
            let why =
                switch isOfPairs {
                case nil: "image_paths contain items that are not strings nor lists."
                case false: "Not all items in image_paths are of type string."
                case true:
                    "Items in image_paths are lists, but not all lists are of length 2 [image locator, metadata]."
                }
            failure = .preparing(invalid + why)
            return false
        }
        if let failure { throw failure }
        guard isArray else { throw .preparing("the list of images is no JSON array") }
    }
}

extension JobFailure {
    static func preparing(_ reason: String) -> JobFailure {
        JobFailure("Error occurred while preparing the Batch job: \(reason)")
    }
}
