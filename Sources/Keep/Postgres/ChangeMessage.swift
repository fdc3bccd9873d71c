import Foundation
import Records

/// What a commit has changed, as a notification carries it.
enum ChangeMessage {
    static let channel = "sightline"
    /// Bytes of a notification at most; PostgreSQL takes just under 8000.
    private static let limit = 7900

    static func text(_ changes: Set<Change>) -> String {
        let text = changes.map(word).sorted().joined(separator: " ")
        return text.utf8.count <= limit ? text : word(.everything)
    }
    static func changes(_ text: String) -> Set<Change> {
        Set(text.split(separator: " ").map { change(String($0)) })
    }

    private static func word(_ change: Change) -> String {
        switch change {
        case .streams: "streams"
        case .credentials(let account): "credentials:\(account.wire)"
        case .events(let account): "events:\(account.wire)"
        case .deliveries: "deliveries"
        case .jobs: "jobs"
        case .everything: "everything"
        }
    }
    /// What is not understood may be anything.
    private static func change(_ word: String) -> Change {
        let parts = word.split(separator: ":")
        let account = parts.count == 2 ? UUID(wire: String(parts[1])) : nil
        return switch (parts.first, account) {
        case ("streams", nil): .streams
        case ("deliveries", nil): .deliveries
        case ("jobs", nil): .jobs
        case ("credentials", let account?): .credentials(account: account)
        case ("events", let account?): .events(account: account)
        default: .everything
        }
    }
}
