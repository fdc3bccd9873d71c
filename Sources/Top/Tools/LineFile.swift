import Foundation
import Setup

/// A text file written line by line. Used by one task at a time: its owner is an actor.
final class LineFile {
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private static let bufferSize = 1 << 16

    /// Creates the file, or empties one that is there.
    init(path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw FileError.cannotCreate(path: path) }
        self.handle = handle
    }

    func write(_ line: String) throws {
        buffer += line.utf8
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Self.bufferSize { try flush() }
    }
    func close() throws {
        try flush()
        try handle.close()
    }
    private func flush() throws {
        try handle.write(contentsOf: buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
