import Archives
import Foundation
import Media

/// What a file is by the bytes that it begins with, whatever it is called.
enum SentFile: Hashable, Sendable {
    case image(PictureFile)
    case archive(ArchiveForm)
    /// Whatever else: FFmpeg says whether it is one.
    case video
    case empty

    /// Bytes of the beginning that tell.
    static let startLength = 16

    init(_ start: some Collection<UInt8>) {
        let start = Array(start.prefix(Self.startLength))
        if start.isEmpty {
            self = .empty
        } else if let picture = PictureFile(start) {
            self = .image(picture)
        } else if let form = ArchiveForm(start) {
            self = .archive(form)
        } else {
            self = .video
        }
    }
}

/// A bare name of a file.
struct FileName: Hashable, Sendable {
    /// At the end of the stem of what comes of a file.
    static let resultMark = "_anonymized"
    let stem: String
    /// With its point; empty when it has none.
    let ending: String

    init(_ name: String) {
        // By scalars: "." and a mark that combines with it are one character.
        let scalars = name.unicodeScalars
        if let point = scalars.lastIndex(of: "."), point > scalars.startIndex {
            (stem, ending) = (String(scalars[..<point]), String(scalars[point...]))
        } else {
            (stem, ending) = (name, "")
        }
    }
    /// Of what comes of it.
    /// - Parameters:
    ///   - endings: of its form; the first, where it has another.
    func result(_ endings: [String]) -> String {
        stem + Self.resultMark + (endings.contains(ending.lowercased()) ? ending : endings[0])
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
