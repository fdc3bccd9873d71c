import Foundation
import ObjectStore
import SQL

/// Why a backup was not made or not restored, as the operator reads it. Nothing has been changed then.
public enum BackupError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is something of the backup's name already.
    case exists(path: String)
    /// It would lie in the data directory that it is of.
    case inData(path: String, directory: String)
    /// The folder is no backup, or cannot be read.
    case noBackup(path: String, reason: String)
    /// It was made by a newer Sightline.
    case newer(path: String, version: String)
    /// It is of the other kind of database.
    case otherKind(found: String, wanted: String)
    /// Where it is to be restored is something that would be lost.
    case notEmpty(path: String)
    /// The key that its secrets are sealed under is not at hand.
    case wrongKey(wanted: String, file: String?, found: String)
    /// Bytes of it are missing, or others than they were.
    case damaged(path: String, reason: String)
    /// The disk or its rights.
    case failed(reason: String)
    /// The same while one was put back.
    case notRestored(reason: String)

    /// What the operator reads of an error that names neither what failed nor why in a sentence; `nil`: it does.
    static func reason(_ error: any Error) -> String? {
        switch error {
        case BackupError.failed(let reason): reason
        case let error as ObjectFileError: error.description
        case let error as SQLError: error.description
        case let error as CocoaError:
            [error.filePath, error.localizedDescription].compactMap(\.self).joined(separator: ": ")
        default: nil
        }
    }
    static let otherBytes = "holds other bytes than when it was made"

    public var description: String {
        switch self {
        case .exists(let path): "There is a \(path) already; name a folder that is not there"
        case .inData(let path, let directory):
            "\(path) would lie in the data directory \(directory), and a backup is to be there when that is lost; name a folder elsewhere"
        case .noBackup(let path, let reason): "\(path) is no backup that can be read: \(reason)"
        case .newer(let path, let version):
            "The backup \(path) was made by Sightline \(version) on tables that this version does not know; restore it by that one"
        case .otherKind(let found, let wanted):
            "The backup is of a database of the kind \(found), and the setting 'database' names one of the kind \(wanted)"
        case .notEmpty(let path):
            "\(path) is there already, and a backup is restored where nothing is; move it away, or name another folder"
        case .wrongKey(let wanted, let file, let found):
            "The secrets in the backup are sealed under the key \(wanted)"
                + (file.map { ", which lay in \($0)" } ?? ", which came from SIGHTLINE_KEY")
                + ", but \(found); put that key where it is wanted, or name the file that holds it in the setting 'key_file'"
        case .damaged(let path, let reason): "The backup is damaged: \(path) \(reason)"
        case .failed(let reason): "The backup failed: \(reason)"
        case .notRestored(let reason): "The restore failed: \(reason)"
        }
    }
}
