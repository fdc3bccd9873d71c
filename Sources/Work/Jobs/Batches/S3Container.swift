import Foundation
import Notifications

/// Where a bucket of S3 is, path style: `s3+https://[KEY:SECRET@]HOST/BUCKET[?region=REGION]`.
struct S3Address: Sendable {
    /// What addresses begin with: scheme and host.
    let base: String
    let host, bucket: String
    /// Without a key requests are not signed.
    let signer: RequestSignature?

    init?(_ address: String) {
        guard address.hasPrefix("s3+"), let parts = URLComponents(string: String(address.dropFirst(3))),
            let scheme = parts.scheme, ["http", "https"].contains(scheme), let name = parts.host, !name.isEmpty
        else { return nil }
        let path = parts.percentEncodedPath.split(separator: "/")
        guard path.count == 1 else { return nil }
        host = parts.port.map { "\(name):\($0)" } ?? name
        bucket = String(path[0])
        base = "\(scheme)://\(host)"
        let region = parts.queryItems?.first { $0.name == "region" }?.value ?? "us-east-1"
        signer = parts.user.map {
            RequestSignature(key: $0, secret: parts.password ?? "", region: region, service: "s3")
        }
    }

    /// - Parameter name: of an object.
    func path(of name: String) -> String { "/\(bucket)/\(name.percentEncodedPath)" }
}

/// A bucket of S3.
struct S3Container: PictureContainer, Bucket {
    private let place: S3Address
    private let downloader: Downloader
    private static let pageLimit = 64 << 20

    init?(_ address: String, _ downloader: Downloader) {
        guard let place = S3Address(address) else { return nil }
        (self.place, self.downloader) = (place, downloader)
    }

    func list(_ prefix: String, _ take: ([String]) async throws -> Void) async throws {
        try await pages(prefix) { try await take($0.names) }
    }
    func entries() async throws -> [BucketEntry] {
        var entries: [BucketEntry] = []
        try await pages("") { entries += $0.entries }
        return entries
    }
    private func pages(_ prefix: String, _ take: (BucketListing) async throws -> Void) async throws {
        var next: String?, seen = PagesSeen()
        repeat {
            var query = [("encoding-type", "url"), ("list-type", "2"), ("prefix", prefix)]
            if let next { query.insert(("continuation-token", next), at: 0) }
            let bytes = try await get("/\(place.bucket)", query: query, limit: Self.pageLimit)
            let page = try BucketListing(bytes, .s3)
            try await take(page)
            next = page.next
            try seen.add(page)
        } while next != nil
    }
    func bytes(of name: String, limit: Int) async throws -> [UInt8] {
        try await get(place.path(of: name), query: [], limit: limit)
    }
    func remove(_ name: String) async throws {
        let path = place.path(of: name)
        let status = try await downloader.call(
            "DELETE", place.base + path, headers: headers("DELETE", path, query: ""))
        guard (200..<300).contains(status) || status == 404 else {
            throw FetchFailure(description: "The server answered \(status)")
        }
    }

    /// - Parameters:
    ///   - path: percent-encoded.
    ///   - query: in the order of its names.
    private func get(_ path: String, query: [(String, String)], limit: Int) async throws -> [UInt8] {
        let text = query.map { "\($0.0)=\($0.1.percentEncoded)" }.joined(separator: "&")
        let url = place.base + path + (text.isEmpty ? "" : "?\(text)")
        return try await downloader.get(url, headers: headers("GET", path, query: text), limit: limit).bytes
    }
    private func headers(_ method: String, _ path: String, query: String) -> [(name: String, value: String)] {
        place.signer?.headers(method: method, host: place.host, path: path, query: query, at: .now) ?? []
    }
}
