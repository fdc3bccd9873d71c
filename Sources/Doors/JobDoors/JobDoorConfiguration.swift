public import Foundation
public import Records

/// Everything an operator may tune about the doors to jobs that other APIs have. Each is closed until it is asked for.
public struct JobDoorConfiguration: Hashable, Sendable {
    /// The doors by the names that `--doors` takes.
    public enum Name: String, Sendable, CaseIterable {
        case cameraTrap = "camera_trap"
        case anonymisation
    }

    public var opensCameraTrap = false
    /// A JSON file that says which account the callers of batches are: `{"caller": "login"}`. Read anew when it changes.
    public var callers: URL?
    /// Whom callers that are not known are told to ask: an address of mail.
    public var contact = "the operator"
    /// Batches of one account that are not over, at most.
    public var batchLimit = 300
    public var opensAnonymisation = false
    /// A JSON file that says which account the keys of anonymisation are: `{"key": "login"}`. Read anew when it changes.
    public var anonymisationKeys: URL?
    /// Calls of a key in a second, at most.
    public var anonymisationRate = 60
    public init() {}

    public static let settings: [Setting<JobDoorConfiguration>] = [
        Setting("jobs.camera_trap", \.opensCameraTrap),
        Setting("jobs.camera_trap_callers", \.callers),
        Setting("jobs.camera_trap_contact", \.contact),
        Setting("jobs.camera_trap_limit", \.batchLimit, in: 1...1_000_000),
        Setting("jobs.anonymisation", \.opensAnonymisation),
        Setting("jobs.anonymisation_keys", \.anonymisationKeys),
        Setting("jobs.anonymisation_rate", \.anonymisationRate, in: 1...100_000),
    ]
}
