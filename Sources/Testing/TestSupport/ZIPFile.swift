import CZlib
import Foundation

/// An archive as tests want it, also with what no program writes.
public struct ZIPFile {
    public struct Entry {
        public var name: [UInt8]
        public var content: [UInt8]
        /// Whether its bytes are deflated.
        public var isDeflated = false
        /// Bit 0: encrypted; bit 11: the name is UTF-8.
        public var flags = 1 << 11
        /// Of a Unix system; a link is 0o120777.
        public var mode = 0o100644
        /// Whether the checksum is another.
        public var isDamaged = false

        public init(_ name: String, _ content: [UInt8], isDeflated: Bool = false, flags: Int = 1 << 11) {
            self.init(bytes: Array(name.utf8), content, isDeflated: isDeflated, flags: flags)
        }
        public init(bytes name: [UInt8], _ content: [UInt8], isDeflated: Bool = false, flags: Int = 0) {
            (self.name, self.content, self.isDeflated, self.flags) = (name, content, isDeflated, flags)
        }
    }
    public var entries: [Entry]
    public init(_ entries: [Entry]) { self.entries = entries }

    public var bytes: [UInt8] {
        var bytes: [UInt8] = [], directory: [UInt8] = []
        func digits(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        for entry in entries {
            let packed = entry.isDeflated ? Self.deflated(entry.content) : entry.content
            let sum = Int(crc32(0, entry.content, UInt32(entry.content.count))) ^ (entry.isDamaged ? 1 : 0)
            let facts =
                digits(20, 2) + digits(entry.flags, 2) + digits(entry.isDeflated ? 8 : 0, 2) + digits(0, 4)
                + digits(sum, 4) + digits(packed.count, 4) + digits(entry.content.count, 4)
                + digits(entry.name.count, 2) + digits(0, 2)
            directory += digits(0x0201_4b50, 4) + digits(3 << 8 | 20, 2) + facts + digits(0, 6)
            directory += digits(entry.mode << 16, 4) + digits(bytes.count, 4) + entry.name
            bytes += digits(0x0403_4b50, 4) + facts + entry.name + packed
        }
        let start = bytes.count
        return bytes + directory + digits(0x0605_4b50, 4) + digits(0, 4) + digits(entries.count, 2)
            + digits(entries.count, 2) + digits(directory.count, 4) + digits(start, 4) + digits(0, 2)
    }
    private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
        var size = compressBound(UInt(bytes.count)), packed = [UInt8](repeating: 0, count: Int(size))
        compress2(&packed, &size, bytes, UInt(bytes.count), 9)
        return Array(packed[2..<Int(size) - 4])
    }
}
