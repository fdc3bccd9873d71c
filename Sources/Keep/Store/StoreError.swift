public import Foundation
public import Records
import SQL

/// Why the store refused something or could not do it. Each case carries what a person needs to act.
public enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The database cannot be reached, is full or locked; the same may go through later.
    case unavailable(reason: String)
    /// The database refused an operation: a lost file, or our own mistake.
    case failed(reason: String)
    /// What is stored of that stream alone; replacing or deleting it helps.
    case streamUnreadable(UUID, reason: String)
    /// A filter compares a place in JSON with something of another type than stands there.
    case incompatibleFilter(reason: String)
    /// A statistic has more groups than one answer may have.
    case tooManyGroups
    case loginTaken(String)
    case accountIDTaken(UUID)
    /// The account has no such group.
    case groupNotFound(GroupReference)
    /// The account has a group of this name already.
    case groupNameTaken(String)
    case adminTypeIsFixed(UUID)
    /// The account has no such face.
    case faceNotFound(UUID)
    /// The account has not all faces that were named; this is the first that it lacks.
    case facesNotFound(UUID)
    /// The account has no such list.
    case listNotFound(UUID)
    /// The account has no such attribute, or it has expired.
    case attributeNotFound(UUID)
    /// The account would have more bytes stored than it may.
    case quotaExceeded(limit: Int)
    /// The disk's reserve is touched, or nothing is left of it.
    case noRoomForObjects
    /// The account has as many jobs of a kind that are not over as it may.
    case tooManyJobs(limit: Int)
    /// More callbacks are told of jobs than may be.
    case tooManyCallbacks(limit: Int)
    /// A job costs more than its account has left.
    case notEnoughCredits(left: Int)
    /// The job was cancelled, or is gone.
    case jobIsOver
    /// Without him nobody could create accounts.
    case lastAdmin(String)

    init(_ error: SQLError) {
        self = error.kind == .unavailable ? .unavailable(reason: error.description) : .failed(reason: error.description)
    }

    public var description: String {
        switch self {
        case .unavailable(let reason), .failed(let reason): "The database failed: \(reason)"
        case .streamUnreadable(let id, let reason): "The stream \(id.wire) cannot be read: \(reason)"
        case .incompatibleFilter(let reason): "A filter does not fit what is stored: \(reason)"
        case .tooManyGroups: "More than \(EventStatistic<GeneralEvent>.rowLimit) groups are no statistic"
        case .loginTaken(let login): "Account with login '\(login)' already exists"
        case .accountIDTaken(let id): "Account with account_id '\(id.wire)' already exists"
        case .groupNotFound(.named(let name)): "Group named \(name) not found"
        case .groupNotFound(.id(let id)): "Group with id \(id.wire) not found"
        case .groupNameTaken(let name): "Group named '\(name)' already exists"
        case .faceNotFound(let id): "Face with id '\(id.wire)' not found"
        case .facesNotFound(let id): "One or more faces not found, including face with id '\(id.wire)'"
        case .listNotFound(let id): "List with id '\(id.wire)' not found"
        case .attributeNotFound(let id): "Attribute with id '\(id.wire)' not found"
        case .adminTypeIsFixed(let id):
            "Account with account_id '\(id.wire)' has admin type and its type can't be changed"
        case .quotaExceeded(let limit): "The account may have \(limit) bytes stored, and would have more"
        case .noRoomForObjects: "There is no room on the disk"
        case .tooManyJobs(let limit): "The account has \(limit) jobs of this kind already, as many as it may"
        case .tooManyCallbacks(let limit): "\(limit) callbacks are told already, as many as may be"
        case .notEnoughCredits(let left): "The account has \(left) credits left"
        case .jobIsOver: "The job was cancelled, or is gone"
        case .lastAdmin(let login): "Account with login '\(login)' is the last admin; create another before"
        }
    }
}
