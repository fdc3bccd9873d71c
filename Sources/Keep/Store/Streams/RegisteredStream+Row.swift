import Foundation
import JSON
import Records
import SQL
import Scene
import Sealing

extension RegisteredStream {
    /// What one is made of, in the order in which it is selected: a value is found by its place, since finding it by name takes
    /// a fifth of the time of a long list.
    private enum Column: Int, CaseIterable {
        case id, accountID, name, description, kind, reference, isDownloadable, timestampSource, rotation, startTime
        case location, analytics, autorestartIsAllowed, autorestartAttemptCount, autorestartDelay
        case autorestartCurrentAttempt, autorestartLastAttemptTime, autorestartStatus
        case version, createTime, status, lastError, privacy, analyticDefaults, credentials, groupNames

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

    /// What a row of `columns` holds. One that cannot be read is its stream's own trouble and nobody else's.
    static func reading(_ row: Row, _ vault: Vault) -> Result<RegisteredStream, UnreadableStream> {
        Result { try RegisteredStream(row: row, vault: vault) }
            .mapError { UnreadableStream(id: row[Column.id.rawValue], error: $0) }
    }

    /// - Parameter row: of `columns`.
    private init(row: Row, vault: Vault) throws {
        func value<T: Readable>(_ column: Column) -> T { row[column.rawValue] }
        func optional<T: Readable>(_ column: Column) -> T? { row[column.rawValue] }
        func opened(_ column: Column, at place: SealedPlace) throws -> String {
            try row.withBytes(column.rawValue) { try vault.text($0, at: place) }
        }
        let id: UUID = value(.id)
        guard let kind = SourceSpecification.Kind(rawValue: value(.kind)),
            let timestampSource = SourceSpecification.TimestampSource(rawValue: value(.timestampSource)),
            let status = StreamStatus(rawValue: value(.status)),
            let autorestartStatus = AutorestartState.Status(rawValue: value(.autorestartStatus))
        else { throw StoreError.failed(reason: "a stream holds a value that this version does not know") }
        var source = SourceSpecification(
            kind: kind, reference: try opened(.reference, at: .reference(ofStream: id)),
            isDownloadable: value(.isDownloadable), timestampSource: timestampSource, rotation: value(.rotation),
            startTime: value(.startTime))
        if let sealed: [UInt8] = optional(.credentials) {
            source.authorization = try SourceAuthorization(
                stored: vault.text(sealed, at: .credentials(ofStream: id)))
        }
        self.init(
            id: id, accountID: value(.accountID),
            specification: StreamSpecification(
                name: value(.name), description: value(.description),
                source: source, location: JSONText(written: value(.location) as String),
                autorestart: AutorestartPolicy(
                    isAllowed: value(.autorestartIsAllowed), attemptCount: value(.autorestartAttemptCount),
                    delay: value(.autorestartDelay)),
                analytics: try [AnalyticChoice](stored: opened(.analytics, at: .analytics(ofStream: id))),
                privacy: try (optional(.privacy) as String?).map(Privacy.init(stored:))),
            version: value(.version), createTime: Milliseconds.date(value(.createTime)), status: status,
            lastError: optional(.lastError),
            autorestart: AutorestartState(
                status: autorestartStatus, currentAttempt: value(.autorestartCurrentAttempt),
                lastAttemptTime: (optional(.autorestartLastAttemptTime) as Int64?).map(Milliseconds.date)),
            groups: (optional(.groupNames) as String?)?.parts(between: UInt8(ascii: ",")) ?? [],
            analyticDefaults: try (optional(.analyticDefaults) as String?).map { try JSONValue(stored: $0) }
                ?? .emptyObject)
    }
}

/// A stream whose row cannot be read.
struct UnreadableStream: Error {
    let id: UUID
    let reason: String
    init(id: UUID, error: any Error) {
        self.id = id
        if case .failed(let reason) = error as? StoreError { self.reason = reason } else { reason = "\(error)" }
    }
    /// What its owner is told.
    static let forOwner = "What is stored of the stream cannot be read; replace it"
}

extension Vault {
    /// What a column holds sealed.
    func text(_ sealed: UnsafeRawBufferPointer, at place: SealedPlace) throws -> String {
        do { return try openText(sealed, at: place) } catch { throw StoreError.failed(reason: error.description) }
    }
    func text(_ sealed: [UInt8], at place: SealedPlace) throws -> String {
        try sealed.withUnsafeBytes { try text($0, at: place) }
    }
}

extension String {
    /// Nearly always the whole of it.
    fileprivate func parts(between separator: UInt8) -> [String] {
        utf8.contains(separator) ? utf8.split(separator: separator).map { String(Substring($0)) } : [self]
    }
}

extension JSONValue {
    init(stored text: String) throws { try self.init(parsing: Array(text.utf8)) }
}

extension Privacy {
    /// One that cannot be read must not be taken for none.
    init(stored text: String) throws {
        do { try self.init(JSONReader(JSONValue(stored: text))) } catch {
            throw StoreError.failed(reason: "the privacy of a stream cannot be read")
        }
    }
}

extension SourceAuthorization {
    /// One that cannot be read must not be taken for none.
    fileprivate init(stored text: String) throws {
        do { try self.init(JSONReader(JSONValue(stored: text))) } catch {
            throw StoreError.failed(reason: "the credentials of a stream cannot be read")
        }
    }
}

extension [AnalyticChoice] {
    /// As the column `analytics` keeps them: `[[name, parameters], …]`.
    var stored: String {
        var writer = JSONWriter()
        writer.pairs(map { ($0.name, $0.parametersText) })
        return writer.document.text
    }

    init(stored text: String) throws {
        guard let pairs = JSONText(written: text).pairs else {
            throw StoreError.failed(reason: "the analytics of a stream cannot be read")
        }
        self = pairs.map { AnalyticChoice(name: $0.name, parameters: $0.value) }
    }
}
