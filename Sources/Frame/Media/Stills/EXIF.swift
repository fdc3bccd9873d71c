/// What a picture says of how it was taken. Of tags that are not named here nothing is kept, nor of values that are long.
///
/// Source: CIPA DC-008, "Exchangeable image file format for digital still cameras: Exif", version 2.32; TIFF 6.0, section 2.
public struct EXIF: Codable, Hashable, Sendable {
    public enum Value: Codable, Hashable, Sendable {
        case text(String)
        /// One number or several.
        case numbers([Double])
    }
    /// By the standard's names of the tags.
    public private(set) var tags: [String: Value] = [:]
}

extension EXIF {
    /// - Parameter bytes: of a picture that begins as one of `form` does.
    init(_ bytes: [UInt8], _ form: Still.Form) {
        let block: Range<Int>? =
            switch form {
            case .jpeg: Self.blockOfJPEG(bytes)
            case .png: Self.chunk("eXIf", of: bytes, from: 8, isLittle: false)
            case .webp: Self.chunk("EXIF", of: bytes, from: 12, isLittle: true)
            case .tiff: bytes.startIndex..<bytes.endIndex
            case .bmp, .pixmap: nil
            }
        guard let block else { return }
        var reader = Directories(bytes[Self.withoutMark(block, bytes)])
        reader.read()
        tags = reader.tags
    }

    /// How a picture wants to be turned before it is shown.
    var orientation: Orientation {
        guard case .numbers(let numbers) = tags["Orientation"], let number = numbers.first else { return .identity }
        return switch number {
        case 2: Orientation(mirrorsX: true)
        case 3: Orientation(mirrorsX: true, mirrorsY: true)
        case 4: Orientation(mirrorsY: true)
        case 5: Orientation(isTransposed: true)
        case 6: Orientation.identity.turned(by: 90)
        case 7: Orientation(isTransposed: true, mirrorsX: true, mirrorsY: true)
        case 8: Orientation.identity.turned(by: 270)
        default: .identity
        }
    }

    // MARK: Where it lies in a file

    private static let mark = Array("Exif\0\0".utf8)
    private static func withoutMark(_ block: Range<Int>, _ bytes: [UInt8]) -> Range<Int> {
        bytes[block].starts(with: mark) ? block.lowerBound + mark.count..<block.upperBound : block
    }
    /// The first segment of the application's data that is marked so, before the picture's own data.
    private static func blockOfJPEG(_ bytes: [UInt8]) -> Range<Int>? {
        let startOfScan: UInt8 = 0xda, application: UInt8 = 0xe1
        var place = 2
        while place + 4 <= bytes.count, bytes[place] == 0xff {
            let kind = bytes[place + 1], length = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
            guard kind != startOfScan, length >= 2, place + 2 + length <= bytes.count else { return nil }
            let segment = place + 4..<place + 2 + length
            if kind == application, bytes[segment].starts(with: mark) { return segment }
            place = segment.upperBound
        }
        return nil
    }
    /// Of a file of chunks: in PNG length, name, data and a checksum; in RIFF name, length and data, to whole pairs of bytes.
    private static func chunk(_ name: String, of bytes: [UInt8], from start: Int, isLittle: Bool) -> Range<Int>? {
        var place = start
        while place + 8 <= bytes.count {
            let digits = isLittle ? Array(bytes[place + 4..<place + 8].reversed()) : Array(bytes[place..<place + 4])
            let length = digits.reduce(0) { $0 << 8 | Int($1) }
            let found = isLittle ? bytes[place..<place + 4] : bytes[place + 4..<place + 8]
            guard place + 8 + length <= bytes.count else { return nil }
            if found.elementsEqual(name.utf8) { return place + 8..<place + 8 + length }
            place += 8 + length + (isLittle ? length % 2 : 4)
        }
        return nil
    }
}

/// Reads the directories of a block of EXIF, whose numbers may be anything.
private struct Directories {
    private let bytes: ArraySlice<UInt8>
    private var isLittle = true
    private(set) var tags: [String: EXIF.Value] = [:]
    private static let mostEntries = 256, longestText = 512, mostNumbers = 16

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    mutating func read() {
        guard let order = bytes.first, order == 0x49 || order == 0x4d else { return }
        isLittle = order == 0x49
        guard number(2, 2) == 42, let first = number(4, 4) else { return }
        read(first, Self.names)
    }

    private func number(_ offset: Int, _ count: Int) -> Int? {
        guard offset >= 0, offset + count <= bytes.count else { return nil }
        let part = bytes[bytes.startIndex + offset..<bytes.startIndex + offset + count]
        return isLittle ? part.reversed().reduce(0) { $0 << 8 | Int($1) } : part.reduce(0) { $0 << 8 | Int($1) }
    }

    private mutating func read(_ directory: Int, _ names: [Int: String]) {
        guard let count = number(directory, 2) else { return }
        for entry in 0..<min(count, Self.mostEntries) {
            let place = directory + 2 + 12 * entry
            guard let tag = number(place, 2), let kind = number(place + 2, 2), let length = number(place + 4, 4) else {
                return
            }
            let isPointer = names == Self.names && (tag == 0x8769 || tag == 0x8825)
            if isPointer {
                if let next = number(place + 8, 4) { read(next, tag == 0x8769 ? Self.ownNames : Self.placeNames) }
            } else if let name = names[tag], let value = value(kind, length, at: place + 8) {
                tags[name] = value
            }
        }
    }

    private func value(_ kind: Int, _ count: Int, at place: Int) -> EXIF.Value? {
        guard let form = Form(rawValue: kind), count > 0, count <= max(Self.longestText, Self.mostNumbers) else {
            return nil
        }
        let size = form.size * count
        guard let start = size <= 4 ? place : number(place, 4), start + size <= bytes.count else { return nil }
        if form == .text {
            let letters = bytes[bytes.startIndex + start..<bytes.startIndex + start + size].prefix { $0 != 0 }
            let text = String(decoding: letters, as: UTF8.self).filter {
                $0.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0 != "\u{FFFD}" }
            }
            return .text(text.trimmingSpaces)
        }
        guard count <= Self.mostNumbers else { return nil }
        let numbers = (0..<count).compactMap { number(form, at: start + $0 * form.size) }
        return numbers.count == count ? .numbers(numbers) : nil
    }

    private enum Form: Int {
        case byte = 1, text, short, long, fraction, signedLong = 9, signedFraction
        var size: Int {
            switch self {
            case .byte, .text: 1
            case .short: 2
            case .long, .signedLong: 4
            case .fraction, .signedFraction: 8
            }
        }
    }
    private func number(_ form: Form, at place: Int) -> Double? {
        func signed(_ value: Int) -> Double { Double(Int32(truncatingIfNeeded: value)) }
        switch form {
        case .byte, .text, .short, .long: return number(place, form.size).map(Double.init)
        case .signedLong: return number(place, 4).map(signed)
        case .fraction, .signedFraction:
            guard let above = number(place, 4), let below = number(place + 4, 4), below != 0 else { return nil }
            return form == .fraction ? Double(above) / Double(below) : signed(above) / signed(below)
        }
    }

    private static let names = [
        0x010e: "ImageDescription", 0x010f: "Make", 0x0110: "Model", 0x0112: "Orientation", 0x011a: "XResolution",
        0x011b: "YResolution", 0x0128: "ResolutionUnit", 0x0131: "Software", 0x0132: "DateTime", 0x013b: "Artist",
        0x8298: "Copyright",
    ]
    private static let ownNames = [
        0x829a: "ExposureTime", 0x829d: "FNumber", 0x8822: "ExposureProgram", 0x8827: "ISOSpeedRatings",
        0x9003: "DateTimeOriginal", 0x9004: "DateTimeDigitized", 0x9010: "OffsetTime", 0x9011: "OffsetTimeOriginal",
        0x9201: "ShutterSpeedValue", 0x9202: "ApertureValue", 0x9204: "ExposureBiasValue", 0x9206: "SubjectDistance",
        0x9207: "MeteringMode", 0x9209: "Flash", 0x920a: "FocalLength", 0x9290: "SubSecTime",
        0x9291: "SubSecTimeOriginal", 0xa001: "ColorSpace", 0xa002: "PixelXDimension", 0xa003: "PixelYDimension",
        0xa402: "ExposureMode", 0xa403: "WhiteBalance", 0xa404: "DigitalZoomRatio", 0xa405: "FocalLengthIn35mmFilm",
        0xa406: "SceneCaptureType", 0xa420: "ImageUniqueID", 0xa431: "BodySerialNumber", 0xa433: "LensMake",
        0xa434: "LensModel",
    ]
    private static let placeNames = [
        0x0001: "GPSLatitudeRef", 0x0002: "GPSLatitude", 0x0003: "GPSLongitudeRef", 0x0004: "GPSLongitude",
        0x0005: "GPSAltitudeRef", 0x0006: "GPSAltitude", 0x0007: "GPSTimeStamp", 0x0010: "GPSImgDirectionRef",
        0x0011: "GPSImgDirection", 0x001d: "GPSDateStamp",
    ]
}

extension String {
    fileprivate var trimmingSpaces: String {
        var rest = self[...]
        while rest.last == " " { rest.removeLast() }
        return String(rest.drop { $0 == " " })
    }
}
