public import Foundation
public import Records

/// Why the store refused something or could not do it. Each case carries what a person needs to act.
public enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The data directory cannot be made, or nothing can be written in it.
    case unusableDirectory(path: String, reason: String)
    /// Another process has the data directory open.
    case inUse(path: String)
    /// The database was written by a newer Sightline.
    case newerDatabase(path: String)
    /// The file is no database, or a damaged one.
    case damaged(path: String, reason: String)
    /// SQLite refused an operation: a full disk, a lost file, or our own mistake.
    case failed(reason: String)
    case invalidLogin(String)
    case invalidPassword
    case invalidDescription
    case loginTaken(String)
    case accountIDTaken(UUID)
    /// The account has no such group.
    case groupNotFound(GroupReference)
    /// The account has a group of this name already.
    case groupNameTaken(String)
    case adminTypeIsFixed(UUID)
    /// Passwords are being tried faster than they may be.
    case tooManyLogins(retryAfter: Duration)

    public var description: String {
        switch self {
        case .unusableDirectory(let path, let reason): "The data directory \(path) cannot be used: \(reason)"
        case .inUse(let path):
            "The data directory \(path) is in use by another Sightline process; stop that one or name another directory"
        case .newerDatabase(let path):
            "The database \(path) was written by a newer version of Sightline; run that version or name another directory"
        case .damaged(let path, let reason):
            "The database \(path) is damaged or is not a Sightline database (\(reason)); restore it from a backup"
        case .failed(let reason): "The database failed: \(reason)"
        case .invalidLogin(let login):
            "The login '\(login)' should be an e-mail address of 3 to 128 characters: lower-case letters, digits, '_', '-' "
                + "or '.', then '@', letters, '.' and at least two letters"
        case .invalidPassword: "The password should have 3 to 128 characters and no line break"
        case .invalidDescription: "The description should have at most 128 characters"
        case .loginTaken(let login): "Account with login '\(login)' already exists"
        case .accountIDTaken(let id): "Account with account_id '\(id.uuidString.lowercased())' already exists"
        case .groupNotFound(.named(let name)): "Group named \(name) not found"
        case .groupNotFound(.id(let id)): "Group with id \(id.uuidString.lowercased()) not found"
        case .groupNameTaken(let name): "Group named '\(name)' already exists"
        case .adminTypeIsFixed(let id):
            "Account with account_id '\(id.uuidString.lowercased())' has admin type and its type can't be changed"
        case .tooManyLogins(let wait): "Too many logins failed; try again in \(wait)"
        }
    }
}
