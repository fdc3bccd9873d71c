import Frames
import Scene

/// A form of pictures that are written as they came.
enum PictureFile: String, Sendable, CaseIterable {
    case jpeg, png, bmp

    init?(_ start: [UInt8]) {
        if start.starts(with: [0xff, 0xd8, 0xff]) {
            self = .jpeg
        } else if start.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) {
            self = .png
        } else if start.starts(with: Array("BM".utf8)) {
            self = .bmp
        } else {
            return nil
        }
    }
    var endings: [String] {
        switch self {
        case .jpeg: [".jpg", ".jpeg"]
        case .png: [".png"]
        case .bmp: [".bmp"]
        }
    }
    var contentType: String {
        switch self {
        case .jpeg: "image/jpeg"
        case .png: "image/png"
        case .bmp: "image/bmp"
        }
    }

    /// A picture in this form, upright, with what `original` says of how it was taken; nothing that shows it in small is kept.
    func bytes(of picture: any Picture, from original: [UInt8]) throws -> [UInt8] {
        switch self {
        case .jpeg, .png:
            let policy = SnapshotPolicy(mediaType: self == .jpeg ? .jpeg : .png, quality: 1, maximumSize: 0)
            let bytes = try picture.snapshot(policy).bytes
            return self == .jpeg
                ? JPEGSegments.bytes(bytes, as: original, size: picture.size)
                : PNGChunks.bytes(bytes, as: original, size: picture.size)
        case .bmp: return try Self.bitmap(of: picture)
        }
    }

    /// 24 bits a pixel, the lowest row first.
    private static func bitmap(of picture: any Picture) throws -> [UInt8] {
        let size = picture.size, row = (size.width * 3 + 3) / 4 * 4, head = 54
        var bytes = [UInt8](repeating: 0, count: head + row * size.height)
        func put(_ value: Int, at place: Int, _ count: Int) {
            for index in 0..<count { bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
        }
        (bytes[0], bytes[1]) = (0x42, 0x4d)
        put(bytes.count, at: 2, 4)
        put(head, at: 10, 4)
        put(40, at: 14, 4)
        put(size.width, at: 18, 4)
        put(-size.height, at: 22, 4)  // drawn from the top
        put(1, at: 26, 2)
        put(24, at: 28, 2)
        put(row * size.height, at: 34, 4)
        try bytes.withUnsafeMutableBufferPointer { bytes in
            try picture.draw(
                PixelRect(size),
                to: PixelTarget(base: bytes.baseAddress! + head, bytesPerRow: row, size: size, order: .bgr))
        }
        return bytes
    }
}
