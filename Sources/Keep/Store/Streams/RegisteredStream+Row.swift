import Foundation
import JSON
import Records
import SQL
import Sealing

extension RegisteredStream {
    /// What one is made of, in the order in which it is selected: a value is found by its place, since finding it by name takes
    /// a fifth of the time of a long list.
    private enum Column: Int, CaseIterable {
        case id, accountID, name, description, kind, reference, isDownloadable, timestampSource, rotation, startTime
        case location, analytics, autorestartIsAllowed, autorestartAttemptCount, autorestartDelay
        case autorestartCurrentAttempt, autorestartLastAttemptTime, autorestartStatus
        case version, createTime, status, lastError, groupNames

        var sql: String { "\(self)".replacing(/[A-Z]+/) { "_" + $0.output.lowercased() } }
    }

    /// What is selected of the table `stream` to make one. Names of groups hold no comma.
    static func columns(_ dialect: Dialect) -> String { dialect == .sqlite ? sqliteColumns : postgresColumns }
    private static let sqliteColumns = ownColumns + groupNames(.sqlite)
    private static let postgresColumns = ownColumns + groupNames(.postgres)
    private static let ownColumns = Column.allCases.dropLast().map { "stream.\($0.sql)" }.joined(separator: ", ")
    private static func groupNames(_ dialect: Dialect) -> String {
        """
        , (
            SELECT \(dialect.concatenated("name")) FROM (
                SELECT stream_group.name FROM group_member
                JOIN stream_group ON stream_group.sequence = group_member.group_sequence
                WHERE group_member.stream_sequence = stream.sequence ORDER BY group_member.group_sequence) AS ordered
        ) AS group_names
        """
    }

    /// - Parameter row: of `columns`.
    init(row: Row, vault: Vault) throws {
        func value<T: Readable>(_ column: Column) -> T { row[column.rawValue] }
        func optional<T: Readable>(_ column: Column) -> T? { row[column.rawValue] }
        let id: UUID = value(.id)
        guard let kind = SourceSpecification.Kind(rawValue: value(.kind)),
            let timestampSource = SourceSpecification.TimestampSource(rawValue: value(.timestampSource)),
            let status = StreamStatus(rawValue: value(.status)),
            let autorestartStatus = AutorestartState.Status(rawValue: value(.autorestartStatus))
        else { throw StoreError.failed(reason: "a stream holds a value that this version does not know") }
        self.init(
            id: id, accountID: value(.accountID),
            specification: StreamSpecification(
                name: value(.name), description: value(.description),
                source: SourceSpecification(
                    kind: kind, reference: try vault.text(value(.reference), at: .reference(ofStream: id)),
                    isDownloadable: value(.isDownloadable),
                    timestampSource: timestampSource, rotation: value(.rotation), startTime: value(.startTime)),
                location: JSONText(written: value(.location) as String),
                autorestart: AutorestartPolicy(
                    isAllowed: value(.autorestartIsAllowed), attemptCount: value(.autorestartAttemptCount),
                    delay: value(.autorestartDelay)),
                analytics: try [AnalyticChoice](
                    stored: vault.text(value(.analytics), at: .analytics(ofStream: id)))),
            version: value(.version), createTime: Milliseconds.date(value(.createTime)), status: status,
            lastError: optional(.lastError),
            autorestart: AutorestartState(
                status: autorestartStatus, currentAttempt: value(.autorestartCurrentAttempt),
                lastAttemptTime: (optional(.autorestartLastAttemptTime) as Int64?).map(Milliseconds.date)),
            groups: (optional(.groupNames) as String?)?.split(separator: ",").map(String.init) ?? [])
    }
}

extension Vault {
    /// What a column holds sealed.
    func text(_ sealed: [UInt8], at place: SealedPlace) throws -> String {
        do { return try openText(sealed, at: place) } catch { throw StoreError.failed(reason: error.description) }
    }
}

extension JSONValue {
    init(stored text: String) throws { try self.init(parsing: Array(text.utf8)) }
}

extension [AnalyticChoice] {
    /// As the column `analytics` keeps them: `[[name, parameters], …]`.
    var stored: String {
        var writer = JSONWriter()
        writer.array(self) { writer, choice in
            writer.array([JSONText(.string(choice.name)), choice.parametersText]) { $0.text($1) }
        }
        return writer.document.text
    }

    init(stored text: String) throws {
        let pairs = try JSONText(written: text).items.unwrapped
        self = try pairs.map { item in
            let pair = try item.items.unwrapped
            guard pair.count == 2, let name = pair[0].value.string else { throw StoreError.failed(reason: Self.broken) }
            return AnalyticChoice(name: name, parameters: pair[1])
        }
    }
    fileprivate static var broken: String { "the analytics of a stream cannot be read" }
}

extension [JSONText]? {
    fileprivate var unwrapped: [JSONText] {
        get throws {
            guard let self else { throw StoreError.failed(reason: [AnalyticChoice].broken) }
            return self
        }
    }
}
