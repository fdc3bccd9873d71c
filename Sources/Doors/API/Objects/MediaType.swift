import Foundation

/// What `Content-Type` says.
enum MediaType {
    /// `image/png` of `image/PNG; charset=…`.
    static func essence(of text: String) -> String {
        text.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    }
    /// Whether it has a type and a subtype, as RFC 9110 §8.3.1 wants them, and is not endless.
    static func isWellFormed(_ text: String) -> Bool {
        let parts = essence(of: text).split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= 255 && parts.count == 2
            && parts.allSatisfy { part in
                !part.isEmpty && part.utf8.allSatisfy { isLetterOrDigit($0) || "!#$%&'*+-.^_`|~".utf8.contains($0) }
            }
    }
    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    /// `bin` for what is not known here.
    static func fileExtension(of text: String) -> String { extensions[essence(of: text)] ?? "bin" }

    private static let extensions = [
        "application/gzip": "gz", "application/json": "json", "application/msgpack": "msgpack",
        "application/pdf": "pdf", "application/x-tar": "tar", "application/x-yaml": "yaml", "application/xml": "xml",
        "application/yaml": "yaml", "application/zip": "zip", "application/zstd": "zst", "audio/mpeg": "mp3",
        "audio/ogg": "ogg", "audio/wav": "wav", "image/bmp": "bmp", "image/gif": "gif", "image/jpeg": "jpg",
        "image/png": "png", "image/svg+xml": "svg", "image/tiff": "tiff", "image/webp": "webp",
        "image/x-portable-pixmap": "ppm", "text/css": "css", "text/csv": "csv", "text/html": "html",
        "text/markdown": "md", "text/plain": "txt", "text/xml": "xml", "video/mp4": "mp4", "video/mpeg": "mpeg",
        "video/quicktime": "mov", "video/webm": "webm", "video/x-matroska": "mkv", "video/x-msvideo": "avi",
    ]
}
