import CZlib
import Scene

/// The EXIF of a picture written anew, for its covered version: upright, of its size, and without anything that may show the picture itself:
/// thumbnails, previews, and the makers' own notes, which hold some.
///
/// Source: CIPA DC-008, "Exchangeable image file format for digital still cameras: Exif", version 2.32; TIFF 6.0, section 2.
struct KeptEXIF {
    /// Of a segment of JPEG, which has two bytes for its length.
    static let longest = 65_000
    private static let longestValue = 2048, mostEntries = 256
    private static let orientation = 0x0112, width = 0xa002, height = 0xa003
    private static let directories = [0x8769, 0x8825, 0xa005]
    /// Strips, tiles, thumbnails, directories below, XMP, Photoshop's resources, previews, makers' notes.
    private static let left: Set = [
        0x00fe, 0x0111, 0x0117, 0x0144, 0x0145, 0x014a, 0x0201, 0x0202, 0x02bc, 0x8649, 0x927c, 0x83bb, 0xc634, 0xc6d3,
    ]

    private let bytes: [UInt8]
    private let isLittle: Bool
    private let size: PixelSize
    private var output: [UInt8]
    /// Directories that are written, each once: two that name one another would be written without end.
    private var written: Set<Int> = []

    /// - Parameters:
    ///   - block: begins with the order of its bytes.
    ///   - size: of the upright picture.
    /// - Returns: `nil` when it is none, or as much as none would be.
    static func block(_ block: some Collection<UInt8>, size: PixelSize) -> [UInt8]? {
        let bytes = Array(block)
        guard bytes.count > 8, bytes[0] == bytes[1], bytes[0] == 0x49 || bytes[0] == 0x4d else { return nil }
        var kept = KeptEXIF(bytes: bytes, isLittle: bytes[0] == 0x49, size: size, output: Array(bytes[0..<4]))
        guard kept.number(2, 2) == 42, let first = kept.number(4, 4) else { return nil }
        kept.append(8, 4)
        guard kept.write(first, depth: 0), kept.output.count <= longest else { return nil }
        return kept.output
    }

    private func number(_ offset: Int, _ count: Int) -> Int? {
        guard offset >= 0, offset + count <= bytes.count else { return nil }
        let part = bytes[offset..<offset + count]
        return isLittle ? part.reversed().reduce(0) { $0 << 8 | Int($1) } : part.reduce(0) { $0 << 8 | Int($1) }
    }
    private func digits(_ value: Int, _ count: Int) -> [UInt8] {
        let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        return isLittle ? little : little.reversed()
    }
    private mutating func append(_ value: Int, _ count: Int) { output += digits(value, count) }

    /// Writes a directory and what it points to at the end of what is there.
    private mutating func write(_ directory: Int, depth: Int) -> Bool {
        guard depth < 3, output.count <= Self.longest, let count = number(directory, 2), count <= Self.mostEntries,
            written.insert(directory).inserted
        else { return false }
        var entries: [(tag: Int, kind: Int, count: Int, value: [UInt8], below: Int?)] = []
        for place in (0..<count).map({ directory + 2 + 12 * $0 }) {
            guard let tag = number(place, 2), let kind = number(place + 2, 2), let length = number(place + 4, 4) else {
                return false
            }
            guard !Self.left.contains(tag), let each = Self.sizes[kind], length <= Self.longestValue else { continue }
            if Self.directories.contains(tag) {
                if let below = number(place + 8, 4) { entries.append((tag, 4, 1, [], below)) }
                continue
            }
            let total = each * length
            guard total <= Self.longestValue, let start = total <= 4 ? place + 8 : number(place + 8, 4),
                start + total <= bytes.count
            else { continue }
            var value = Array(bytes[start..<start + total])
            switch (tag, kind) {
            case (Self.orientation, 3): value = digits(1, 2)
            case (Self.width, 3), (Self.width, 4): value = digits(size.width, each)
            case (Self.height, 3), (Self.height, 4): value = digits(size.height, each)
            default: break
            }
            entries.append((tag, kind, length, value, nil))
        }
        let start = output.count
        append(entries.count, 2)
        output += [UInt8](repeating: 0, count: 12 * entries.count + 4)
        for (index, entry) in entries.enumerated() {
            var value = entry.value
            if let below = entry.below {
                let place = output.count
                if !write(below, depth: depth + 1) {
                    output.removeLast(output.count - place)
                    output += digits(0, 2) + digits(0, 4)
                }
                value = digits(place, 4)
            } else if value.count > 4 {
                let place = output.count
                output += value + (value.count % 2 == 0 ? [] : [0])
                value = digits(place, 4)
            }
            let head = digits(entry.tag, 2) + digits(entry.kind, 2) + digits(entry.count, 4)
            let line = head + value + [UInt8](repeating: 0, count: 4 - value.count)
            output.replaceSubrange(start + 2 + 12 * index..<start + 14 + 12 * index, with: line)
        }
        return true
    }
    /// Bytes of a value, by its kind.
    private static let sizes = [
        1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8,
    ]
}

/// What a JPEG has before its pixels.
enum JPEGSegments {
    private static let exif = Array("Exif\0\0".utf8), colours = Array("ICC_PROFILE\0".utf8)
    private static let start: UInt8 = 0xd8, scan: UInt8 = 0xda, first: UInt8 = 0xe0, second: UInt8 = 0xe1

    /// `bytes` with the EXIF and the profile of colours of `original`.
    static func bytes(_ bytes: [UInt8], as original: [UInt8], size: PixelSize) -> [UInt8] {
        var kept: [UInt8] = []
        for segment in segments(original) {
            let body = original[segment.lowerBound + 4..<segment.upperBound]
            if original[segment.lowerBound + 1] == second, body.starts(with: exif), kept.isEmpty,
                let block = KeptEXIF.block(body.dropFirst(exif.count), size: size)
            {
                let length = 2 + exif.count + block.count
                kept = [0xff, second, UInt8(length >> 8), UInt8(length & 255)] + exif + block
            } else if body.starts(with: colours) {
                kept += original[segment]
            }
        }
        guard !kept.isEmpty else { return bytes }
        let own = segments(bytes).first { bytes[$0.lowerBound + 1] == first }?.upperBound ?? 2
        return Array(bytes[..<own]) + kept + bytes[own...]
    }
    /// Whole ones, their marks included, up to the pixels.
    private static func segments(_ bytes: [UInt8]) -> [Range<Int>] {
        var place = 2, found: [Range<Int>] = []
        while place + 4 <= bytes.count, bytes[place] == 0xff, bytes[place + 1] != scan {
            let length = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
            guard length >= 2, place + 2 + length <= bytes.count else { break }
            found.append(place..<place + 2 + length)
            place += 2 + length
        }
        return found
    }
}

/// The parts of a PNG.
enum PNGChunks {
    private static let colours: Set = ["iCCP", "sRGB", "gAMA", "cHRM", "pHYs"]

    /// `bytes` with the EXIF and what is said of colours in `original`.
    static func bytes(_ bytes: [UInt8], as original: [UInt8], size: PixelSize) -> [UInt8] {
        var kept: [UInt8] = []
        for (name, chunk) in chunks(original) {
            if name == "IDAT" { break }
            if colours.contains(name) { kept += original[chunk] }
        }
        if let chunk = chunks(original).first(where: { $0.name == "eXIf" })?.range,
            let block = KeptEXIF.block(original[chunk].dropFirst(8).dropLast(4), size: size)
        {
            kept += self.chunk("eXIf", block)
        }
        // What the encoder says of colours would be said twice.
        var output = Array(bytes.prefix(8))
        for (name, chunk) in chunks(bytes) {
            if !colours.contains(name) { output += bytes[chunk] }
            if name == "IHDR" { output += kept }
        }
        return output
    }
    private static func chunk(_ name: String, _ body: [UInt8]) -> [UInt8] {
        func digits(_ value: UInt32) -> [UInt8] {
            (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let named = Array(name.utf8) + body
        return digits(UInt32(body.count)) + named + digits(UInt32(crc32(0, named, UInt32(named.count))))
    }
    /// Whole ones, with their lengths and checksums.
    private static func chunks(_ bytes: [UInt8]) -> [(name: String, range: Range<Int>)] {
        var place = 8, found: [(String, Range<Int>)] = []
        while place + 12 <= bytes.count {
            let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
            guard place + 12 + length <= bytes.count else { break }
            found.append((String(decoding: bytes[place + 4..<place + 8], as: UTF8.self), place..<place + 12 + length))
            place += 12 + length
        }
        return found
    }
}
