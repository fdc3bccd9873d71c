public import Foundation
public import HTTPEdge
import JSON
public import Jobs
public import Records

/// Everything an operator may tune about the doors to jobs that other APIs have. Each is closed until it is asked for.
public struct JobDoorConfiguration: Hashable, Sendable {
    /// The doors by the names that `--doors` takes.
    public enum Name: String, Sendable, CaseIterable {
        case cameraTrap = "camera_trap"
        case tagging, blobs, anonymisation
    }
    /// What `POST /process` says of documents whose sender does not say what he wants.
    public enum TaggingOutput: String, Sendable, CaseIterable { case classes, counts }

    public var opensCameraTrap = false
    /// A JSON file that says which account the callers of batches are: `{"caller": "login"}`. Read anew when it changes.
    public var callers: URL?
    /// Whom callers that are not known are told to ask: an address of mail.
    public var contact = "the operator"
    /// Batches of one account that are not over, at most.
    public var batchLimit = 300

    public var opensTagging = false
    /// Login of the account that jobs of tagging are of; `nil`: the oldest.
    public var taggingAccount: String?
    public var taggingAddress = ListenerAddress(host: "127.0.0.1", port: 5011)
    public var taggingOutput = TaggingOutput.classes

    public var opensBlobs = false
    /// Login of the account that blobs are of; `nil`: the oldest.
    public var blobsAccount: String?
    /// Whether anybody may make one; if not, they are of the account whose credentials come with the request.
    public var isOpenForBlobs = true
    /// Blobs of one account that are not over, at most.
    public var blobsWaitingLimit = 10_000
    public var blobsCallbackBody = BlobRunner.CallbackBody.object
    /// Where clients put what blobs show; `nil`: they send it here.
    public var blobsBucket: BlobBucket?
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
        Setting("jobs.tagging", \.opensTagging),
        login("jobs.tagging_account", \.taggingAccount),
        Setting("jobs.tagging_address", \.taggingAddress, .text, wanted: ListenerAddress.wanted) {
            ListenerAddress($0)
        } show: {
            .string($0.text)
        },
        Setting("jobs.tagging_output", \.taggingOutput),
        Setting("jobs.blobs", \.opensBlobs),
        login("jobs.blobs_account", \.blobsAccount),
        Setting("jobs.blobs_open", \.isOpenForBlobs),
        Setting("jobs.blobs_waiting_limit", \.blobsWaitingLimit, in: 1...1_000_000),
        Setting("jobs.blobs_callback_body", \.blobsCallbackBody),
        Setting("jobs.blobs_bucket", \.blobsBucket, .text, wanted: BlobBucket.wanted) {
            $0.isEmpty ? .some(nil) : BlobBucket($0).map { .some($0) }
        } show: {
            $0.map { .string($0.address) } ?? .null
        },
        Setting("jobs.anonymisation", \.opensAnonymisation),
        Setting("jobs.anonymisation_keys", \.anonymisationKeys),
        Setting("jobs.anonymisation_rate", \.anonymisationRate, in: 1...100_000),
    ]
    private static func login(
        _ key: String, _ path: any WritableKeyPath<JobDoorConfiguration, String?> & Sendable
    ) -> Setting<JobDoorConfiguration> {
        Setting(key, path, .text) {
            .some($0.isEmpty ? nil : $0)
        } show: {
            $0.map { .string($0) } ?? .null
        }
    }
}
