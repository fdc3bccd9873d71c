import Foundation
import Media

/// What a file is by the bytes that it begins with, whatever it is called.
enum SentFile: Hashable, Sendable {
    case image(PictureFile)
    case archive(Archive)
    /// Whatever else: FFmpeg says whether it is one.
    case video
    case empty

    enum Archive: String, Sendable { case zip = "ZIP", rar = "RAR", sevenZip = "7z" }

    init(_ start: some Collection<UInt8>) {
        let start = Array(start.prefix(16))
        let archives: [([UInt8], Archive)] = [
            ([0x50, 0x4b, 0x03, 0x04], .zip), ([0x50, 0x4b, 0x05, 0x06], .zip), (Array("Rar!\u{1a}\u{07}".utf8), .rar),
            ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], .sevenZip),
        ]
        if start.isEmpty {
            self = .empty
        } else if let picture = PictureFile(start) {
            self = .image(picture)
        } else if let archive = archives.first(where: { start.starts(with: $0.0) }) {
            self = .archive(archive.1)
        } else {
            self = .video
        }
    }
}

/// A bare name of a file.
struct FileName: Hashable, Sendable {
    let stem: String
    /// With its point; empty when it has none.
    let ending: String

    init(_ name: String) {
        if let point = name.lastIndex(of: "."), point > name.startIndex {
            (stem, ending) = (String(name[..<point]), String(name[point...]))
        } else {
            (stem, ending) = (name, "")
        }
    }
    /// Of what comes of it.
    /// - Parameters:
    ///   - endings: of its form; the first, where it has another.
    func result(_ endings: [String]) -> String {
        stem + "_anonymized" + (endings.contains(ending.lowercased()) ? ending : endings[0])
    }
}

/// The endings of videos that are written as what they are; all others become an MP4.
extension VideoWriter.Container {
    init(ending: String) {
        switch ending.lowercased() {
        case ".mov": self = .mov
        case ".mkv": self = .mkv
        case ".ts", ".mts": self = .ts
        default: self = .mp4
        }
    }
    var endings: [String] {
        switch self {
        case .mp4: [".mp4"]
        case .mov: [".mov"]
        case .mkv: [".mkv"]
        case .ts: [".ts", ".mts"]
        }
    }
}
