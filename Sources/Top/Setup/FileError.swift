/// Why a file that the user named cannot be used; each case is one sentence.
public enum FileError: Error, Hashable, Sendable, CustomStringConvertible {
    case cannotCreate(path: String)
    case diskFull(path: String)
    case cannotRead(path: String)
    case notJSON(path: String)
    public var description: String {
        switch self {
        case .cannotCreate(let path): "The file \(path) cannot be written."
        case .diskFull(let path): "The file \(path) cannot be written: the disk is full."
        case .cannotRead(let path): "The file \(path) cannot be read."
        case .notJSON(let path): "The file \(path) is not JSON."
        }
    }
}
