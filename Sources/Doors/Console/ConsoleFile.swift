import Crypto
import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import NIOCore

/// A file of the console as it is served, in memory.
struct ConsoleFile: Sendable {
    private struct Form: Sendable {
        let bytes: ByteBuffer
        /// With the quotation marks.
        let tag: String
        let encoding: String?
    }
    private let mediaType: String
    private let plain: Form
    /// `nil` where it would be no smaller.
    private let compressed: Form?

    private static let mediaTypes = [
        "html": "text/html; charset=UTF-8", "css": "text/css; charset=UTF-8", "js": "text/javascript; charset=UTF-8",
        "mjs": "text/javascript; charset=UTF-8", "json": "application/json", "txt": "text/plain; charset=UTF-8",
        "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "ico": "image/x-icon",
        "woff2": "font/woff2", "webmanifest": "application/manifest+json",
    ]

    /// - Parameter name: whose ending says what it is; `nil` is returned for what no page needs.
    init?(_ bytes: [UInt8], name: String) {
        guard let mediaType = Self.mediaTypes[(name as NSString).pathExtension] else { return nil }
        self.mediaType = mediaType
        let hash = SHA256.hash(data: bytes).prefix(16).map { String(format: "%02x", $0) }.joined()
        plain = Form(bytes: ByteBuffer(bytes: bytes), tag: "\"\(hash)\"", encoding: nil)
        let smaller = Gzip.compressed(bytes)
        compressed =
            smaller.count < bytes.count
            ? Form(bytes: ByteBuffer(bytes: smaller), tag: "\"\(hash)-gzip\"", encoding: "gzip") : nil
    }

    /// Nothing comes from elsewhere, nothing is run that stands in a page, and no other page shows this one within itself.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; \
        connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """

    func answer(to request: Request) -> Response {
        let takesGzip = Accept(request.headers[.acceptEncoding]).preferred(of: ["gzip"]) != nil
        let form = (takesGzip ? compressed : nil) ?? plain
        // Asked for again each time, which costs one small answer and shows an upgrade at once.
        var headers: HTTPFields = [
            .cacheControl: "no-cache", .contentSecurityPolicy: Self.policy, .referrerPolicy: "no-referrer",
            .eTag: form.tag, .vary: "Accept-Encoding",
        ]
        if request.headers.hasCurrent(form.tag) { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = mediaType
        headers[.contentEncoding] = form.encoding
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: form.bytes))
    }
}

extension HTTPField.Name {
    fileprivate static let referrerPolicy = Self("Referrer-Policy")!
}
