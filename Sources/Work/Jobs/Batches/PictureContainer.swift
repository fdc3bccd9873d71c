import Foundation
import Notifications

/// Where pictures lie under names.
protocol PictureContainer: Sendable {
    /// Hands over names in the container's order, some at a time.
    /// - Parameter prefix: only those that begin so.
    func list(_ prefix: String, _ take: ([String]) async throws -> Void) async throws
    /// - Throws: `FetchFailure`.
    func bytes(of name: String, limit: Int) async throws -> [UInt8]
}

/// Makes containers of the addresses that callers send.
struct PictureContainers: Sendable {
    let downloader: Downloader
    /// Folders below which pictures on this machine may lie.
    let mediaRoots: [URL]

    /// - Throws: `FetchFailure` for what is no container.
    func container(at address: String) throws -> any PictureContainer {
        if address.hasPrefix("file://") { return try FolderContainer(address, roots: mediaRoots) }
        if let s3 = S3Container(address, downloader) { return s3 }
        if let azure = AzureContainer(address, downloader) { return azure }
        throw FetchFailure(
            description:
                "It is no container: https://…, s3+https://HOST/BUCKET, or file:///… below a media root is wanted")
    }
}

/// A folder below a media root, with those in it.
struct FolderContainer: PictureContainer {
    private let root: URL
    private static let portion = 1000

    init(_ address: String, roots: [URL]) throws(FetchFailure) {
        guard let url = URL(string: address), url.isFileURL, url.host() ?? "" == "" else {
            throw FetchFailure(description: "It is no file:// address of a folder")
        }
        root = url.resolvingSymlinksInPath()
        guard roots.contains(where: { root.isWithin($0.resolvingSymlinksInPath()) }) else {
            throw FetchFailure(description: "The folder is not below a media root (the setting 'media_roots')")
        }
    }

    func list(_ prefix: String, _ take: ([String]) async throws -> Void) async throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: root.path, isDirectory: &isFolder), isFolder.boolValue,
            let found = FileManager.default.enumerator(at: root, includingPropertiesForKeys: [.isRegularFileKey])
        else { throw FetchFailure(description: "There is no such folder") }
        var names: [String] = []
        let base = root.path.hasSuffix("/") ? root.path : root.path + "/"
        while let url = found.nextObject() as? URL {
            try Task.checkCancellation()
            guard (try? url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true,
                url.path.hasPrefix(base)
            else { continue }
            let name = String(url.path.dropFirst(base.count))
            if name.hasPrefix(prefix) { names.append(name) }
        }
        names.sort()
        for start in stride(from: 0, to: names.count, by: Self.portion) {
            try await take(Array(names[start..<min(start + Self.portion, names.count)]))
        }
    }

    func bytes(of name: String, limit: Int) throws -> [UInt8] {
        let file = root.appending(path: name).resolvingSymlinksInPath()
        guard file.isWithin(root) else { throw FetchFailure(description: "It lies outside of its folder") }
        let values = try? file.resourceValues(forKeys: [.isRegularFileKey, .fileSizeKey])
        guard values?.isRegularFile == true, let size = values?.fileSize else {
            throw FetchFailure(description: "There is no such file")
        }
        guard size <= limit else { throw FetchFailure(description: "It has \(size) bytes, more than \(limit)") }
        guard let data = try? Data(contentsOf: file) else { throw FetchFailure(description: "It cannot be read") }
        return [UInt8](data)
    }
}

extension URL {
    /// Whether it is `folder` or lies in it; of paths without links.
    fileprivate func isWithin(_ folder: URL) -> Bool {
        let (own, outer) = (standardizedFileURL.path, folder.standardizedFileURL.path)
        return own == outer || own.hasPrefix(outer.hasSuffix("/") ? outer : outer + "/")
    }
}

/// The pages of a listing so far, which may lead on for ever.
struct PagesSeen: Sendable {
    private static let longestMarker = 8192, emptyLimit = 1000, patience = Duration.seconds(3600)
    private let start = ContinuousClock.now
    /// Of their markers, by hash.
    private var markers: Set<Int> = []
    /// In a row, without a name.
    private var empty = 0

    /// - Throws: `FetchFailure` for one that leads back, and after many with nothing on them.
    mutating func add(_ page: BucketListing) throws(FetchFailure) {
        empty = page.names.isEmpty ? empty + 1 : 0
        guard let next = page.next else { return }
        guard start.duration(to: .now) < Self.patience else {
            throw FetchFailure(description: "The container was not listed within an hour")
        }
        guard next.utf8.count <= Self.longestMarker, empty <= Self.emptyLimit, markers.insert(next.hashValue).inserted
        else { throw FetchFailure(description: "The server's listing leads on without an end") }
    }
}

/// A container of Azure's Blob service, by a URL with a shared access signature.
struct AzureContainer: PictureContainer {
    private let base: String
    private let signature: String
    private let downloader: Downloader
    private static let pageLimit = 64 << 20

    init?(_ address: String, _ downloader: Downloader) {
        guard address.hasPrefix("http://") || address.hasPrefix("https://") else { return nil }
        let parts = address.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        base = String(parts[0].hasSuffix("/") ? parts[0].dropLast() : parts[0])
        signature = parts.count == 2 ? String(parts[1]) : ""
        self.downloader = downloader
    }

    func list(_ prefix: String, _ take: ([String]) async throws -> Void) async throws {
        var marker = "", pages = PagesSeen()
        repeat {
            let url =
                "\(base)?restype=container&comp=list&prefix=\(prefix.percentEncoded)&marker=\(marker.percentEncoded)"
                + (signature.isEmpty ? "" : "&\(signature)")
            let page = try BucketListing(try await downloader.get(url, limit: Self.pageLimit).bytes, .azure)
            try await take(page.names)
            marker = page.next ?? ""
            try pages.add(page)
        } while !marker.isEmpty
    }
    func bytes(of name: String, limit: Int) async throws -> [UInt8] {
        let path = name.percentEncodedPath
        return try await downloader.get("\(base)/\(path)?\(signature)", limit: limit).bytes
    }
}

extension String {
    /// Everything but letters, digits, `-`, `.`, `_` and `~` (RFC 3986 §2.3).
    var percentEncoded: String { addingPercentEncoding(withAllowedCharacters: Self.unreserved)! }
    /// Component by component.
    var percentEncodedPath: String {
        unicodeScalars.split(omittingEmptySubsequences: false) { $0 == "/" }.map { String($0).percentEncoded }
            .joined(separator: "/")
    }
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
