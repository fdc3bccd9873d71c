import Foundation

/// The file that a path named when it was looked at, so that one that is deleted or replaced is noticed by whoever has it open.
public struct FileIdentity: Hashable, Sendable {
    private let path: String
    private let device: UInt64
    private let number: UInt64

    /// - Returns: `nil` when there is no such file.
    public init?(path: String) {
        var found = stat()
        guard stat(path, &found) == 0 else { return nil }
        (self.path, device, number) = (path, UInt64(found.st_dev), UInt64(found.st_ino))
    }
    /// Whether the path names the same file still.
    public var isInPlace: Bool { FileIdentity(path: path) == self }
}
