import Foundation
import Records
import SQL

extension Face {
    /// What is selected of the table `face` to make one.
    static func columns(_ dialect: Dialect) -> String {
        """
        id, account_id, event_id, external_id, user_data, avatar, create_time, (
            SELECT \(dialect.concatenated("list_id")) FROM (
                SELECT \(dialect.idText("face_list.id")) AS list_id FROM face_list_member
                JOIN face_list ON face_list.sequence = face_list_member.list_sequence
                WHERE face_list_member.face_sequence = face.sequence ORDER BY face_list.sequence) AS ordered
        )
        """
    }
    /// - Parameter row: of `columns`.
    init(row: Row) {
        self.init(
            id: row[0], accountID: row[1],
            details: FaceDetails(eventID: row[2], externalID: row[3], userData: row[4], avatar: row[5]),
            createTime: Milliseconds.date(row[6]), lists: UUID.list(row[7]))
    }
}

extension FaceList {
    static let columns = "id, account_id, user_data, face_days, create_time, last_update_time"
    /// - Parameter row: of `columns`.
    init(row: Row) {
        self.init(
            id: row[0], accountID: row[1], userData: row[2], faceDays: row[3], createTime: Milliseconds.date(row[4]),
            lastUpdateTime: Milliseconds.date(row[5]))
    }
}

extension FaceAttribute {
    static let columns = "id, account_id, expiry, create_time, " + FaceFeatures.columns
    /// - Parameter row: of `columns`.
    init(row: Row) throws {
        self.init(
            id: row[0], accountID: row[1], createTime: Milliseconds.date(row[3]), expiry: Milliseconds.date(row[2]),
            features: try FaceFeatures(row: row, from: 4))
    }
}

extension FaceFeatures {
    private static let others = "descriptor_samples, age, gender, ethnicity, basic_samples"
    /// What is selected of a table that holds some.
    static let columns = "(SELECT bytes FROM descriptor WHERE id = descriptor_id), " + others
    /// What is put into one, and as many marks.
    static let inserted = "descriptor_id, " + others
    static let marks = "?, ?, ?, ?, ?, ?"

    /// For `inserted`; keeps the descriptor.
    func arguments(_ connection: any Connection) throws -> [any Bindable] {
        [
            try descriptor.map { try connection.keep($0) }, UUID.text(descriptorSamples), basic.age, basic.gender,
            basic.ethnicity,
            UUID.text(basicSamples),
        ]
    }
    /// - Parameters:
    ///   - row: holds `columns`.
    ///   - first: where they begin.
    init(row: Row, from first: Int) throws {
        self.init(
            descriptor: try (row[first] as [UInt8]?).map(Descriptor.init(stored:)),
            descriptorSamples: UUID.list(row[first + 1]),
            basic: BasicAttributes(age: row[first + 2], gender: row[first + 3], ethnicity: row[first + 4]),
            basicSamples: UUID.list(row[first + 5]))
    }
}

extension UUID {
    fileprivate static func text(_ ids: [UUID]) -> String { ids.map(\.bare).joined(separator: ",") }
    fileprivate static func list(_ text: String?) -> [UUID] {
        (text ?? "").split(separator: ",").compactMap { UUID(bare: String($0)) }
    }
}
