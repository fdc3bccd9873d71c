import Foundation

/// Why bytes could not be kept or given. The description is for the log.
public enum ObjectFileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The disk is full, or a quota of it.
    case noRoom
    /// There is no file of that id, or no longer.
    case gone
    /// The disk or its rights.
    case failed(reason: String)

    /// What the last call of the system has left.
    /// - Parameter what: the call, or the path that it was about.
    init(errno number: Int32, _ what: String) {
        self =
            switch number {
            case ENOSPC, EDQUOT: .noRoom
            case ENOENT: .gone
            default: .failed(reason: "\(what): \(String(cString: strerror(number)))")
            }
    }

    public var description: String {
        switch self {
        case .noRoom: "the disk is full"
        case .gone: "there is no such file"
        case .failed(let reason): reason
        }
    }
}
