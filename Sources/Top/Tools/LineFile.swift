import Foundation
import Setup

/// A text file written line by line. Used by one task at a time: its owner is an actor.
final class LineFile {
    private let path: String
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private static let bufferSize = 1 << 16

    /// Creates the file, or empties one that is there. What is there stays what it is: a link, or `/dev/null`, for which
    /// `FileManager.createFile` would put a file of its own.
    init(path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError.cannotCreate(path: path) }
        (self.path, handle) = (path, FileHandle(fileDescriptor: descriptor, closeOnDealloc: true))
    }

    func write(_ line: String) throws {
        buffer += line.utf8
        buffer.append(UInt8(ascii: "\n"))
        if buffer.count >= Self.bufferSize { try flush() }
    }
    func close() throws {
        try flush()
        do { try handle.close() } catch { throw failure(error) }
    }
    private func flush() throws {
        do { try handle.write(contentsOf: buffer) } catch { throw failure(error) }
        buffer.removeAll(keepingCapacity: true)
    }
    private func failure(_ error: any Error) -> FileError {
        (error as? CocoaError)?.code == .fileWriteOutOfSpace ? .diskFull(path: path) : .cannotCreate(path: path)
    }
}
