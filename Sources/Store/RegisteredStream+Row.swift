import Foundation
import GRDB
import JSON
import Scene

extension RegisteredStream {
    /// What is selected of the table `stream` to make one. Names of groups hold no comma.
    static let columns = """
        stream.*, (
            SELECT group_concat(name) FROM (
                SELECT stream_group.name FROM group_member
                JOIN stream_group ON stream_group.sequence = group_member.group_sequence
                WHERE group_member.stream_sequence = stream.sequence ORDER BY group_member.group_sequence)
        ) AS group_names
        """

    /// - Parameter row: of `columns`, or of the table alone, which says nothing of groups.
    init(row: Row) throws {
        guard let kind = SourceRequest.Kind(rawValue: row["kind"]),
            let timestampSource = SourceRequest.TimestampSource(rawValue: row["timestamp_source"]),
            let status = StreamStatus(rawValue: row["status"]),
            let autorestartStatus = AutorestartState.Status(rawValue: row["autorestart_status"])
        else { throw StoreError.failed(reason: "a stream holds a value that this version does not know") }
        self.init(
            id: row["id"], accountID: row["account_id"],
            specification: StreamSpecification(
                name: row["name"], description: row["description"],
                source: SourceRequest(
                    kind: kind, reference: row["reference"], isDownloadable: row["is_downloadable"],
                    timestampSource: timestampSource, rotation: row["rotation"], startTime: row["start_time"]),
                location: try JSONValue(stored: row["location"]),
                autorestart: AutorestartPolicy(
                    isAllowed: row["autorestart_is_allowed"], attemptCount: row["autorestart_attempt_count"],
                    delay: row["autorestart_delay"]),
                analytics: try [AnalyticRequest](stored: row["analytics"])),
            version: row["version"], createTime: Milliseconds.date(row["create_time"]), status: status,
            lastError: row["last_error"],
            autorestart: AutorestartState(
                status: autorestartStatus, currentAttempt: row["autorestart_current_attempt"],
                lastAttemptTime: (row["autorestart_last_attempt_time"] as Int64?).map(Milliseconds.date)),
            groups: (row["group_names"] as String?)?.split(separator: ",").map(String.init) ?? [])
    }
}

extension JSONValue {
    init(stored text: String) throws { try self.init(parsing: Array(text.utf8)) }
}

extension [AnalyticRequest] {
    /// As the column `analytics` keeps them: `[[name, parameters], …]`.
    var stored: String { JSONValue.array(map { .array([.string($0.name), $0.parameters]) }).text }

    init(stored text: String) throws {
        self = try JSONValue(stored: text).array.unwrapped.map { item in
            let pair = try item.array.unwrapped
            guard pair.count == 2, let name = pair[0].string else { throw StoreError.failed(reason: Self.broken) }
            return AnalyticRequest(name: name, parameters: pair[1])
        }
    }
    fileprivate static var broken: String { "the analytics of a stream cannot be read" }
}

extension [JSONValue]? {
    fileprivate var unwrapped: [JSONValue] {
        get throws {
            guard let self else { throw StoreError.failed(reason: [AnalyticRequest].broken) }
            return self
        }
    }
}
