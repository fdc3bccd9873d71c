/// A form of archives that is read.
public enum ArchiveForm: String, Codable, Sendable, CaseIterable {
    case zip = "ZIP"
    case rar = "RAR"
    case sevenZip = "7z"

    /// - Parameter start: the first bytes of a file; `nil` when they begin no archive.
    public init?(_ start: some Collection<UInt8>) {
        let start = Array(start.prefix(8))
        let marks: [([UInt8], ArchiveForm)] = [
            ([0x50, 0x4b, 0x03, 0x04], .zip), ([0x50, 0x4b, 0x05, 0x06], .zip), (Array("Rar!\u{1a}\u{07}".utf8), .rar),
            ([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c], .sevenZip),
        ]
        guard let found = marks.first(where: { start.starts(with: $0.0) }) else { return nil }
        self = found.1
    }
}

/// How much an archive may hold.
public struct ArchiveLimits: Hashable, Codable, Sendable {
    /// Entries of any kind.
    public var entries = 10_000
    /// Bytes of all files for each byte of the archive.
    public var ratio = 200
    /// Bytes of all files.
    public var bytes = 64 << 30
    public init() {}
}

/// Why an archive is not read to its end.
public enum ArchiveError: Error, Hashable, Codable, Sendable, CustomStringConvertible {
    /// It is larger than anybody means it: nothing of it is to be used.
    case refused(String)
    /// What follows cannot be read; what came before is good.
    case damaged(String)

    public var description: String {
        switch self {
        case .refused(let reason): reason
        case .damaged(let reason): "The archive cannot be read: \(reason)"
        }
    }
}
