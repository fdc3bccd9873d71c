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
    static let columns = "id, account_id, expiry, " + FaceFeatures.columns
    /// - Parameter row: of `columns`.
    init(row: Row) throws {
        self.init(
            id: row[0], accountID: row[1], createTime: Milliseconds.date(row[3]), expiry: Milliseconds.date(row[2]),
            features: try FaceFeatures(row: row, from: 4))
    }
}

extension FaceFeatures {
    /// Of both tables that hold some; the time is when they came there.
    static let columns = "create_time, " + ownColumns
    static let ownColumns =
        "descriptor_version, descriptor, descriptor_samples, age, gender, ethnicity, basic_samples"

    /// For `columns`.
    func arguments(at time: Int64) -> [any Bindable] {
        [
            time, descriptor.map { _ in Descriptor.version }, descriptor?.bytes, UUID.text(descriptorSamples),
            basic.age, basic.gender, basic.ethnicity, UUID.text(basicSamples),
        ]
    }
    /// - Parameters:
    ///   - row: holds `ownColumns`.
    ///   - first: where they begin.
    init(row: Row, from first: Int) throws {
        self.init(
            descriptor: try (row[first + 1] as [UInt8]?).map(Descriptor.init(stored:)),
            descriptorSamples: UUID.list(row[first + 2]),
            basic: BasicAttributes(age: row[first + 3], gender: row[first + 4], ethnicity: row[first + 5]),
            basicSamples: UUID.list(row[first + 6]))
    }
}

extension Descriptor {
    init(stored bytes: [UInt8]) throws {
        do { try self.init(bytes: bytes) } catch {
            throw StoreError.failed(reason: "what is stored as a descriptor is none (\(error))")
        }
    }
}

extension UUID {
    fileprivate static func text(_ ids: [UUID]) -> String { ids.map(\.bare).joined(separator: ",") }
    fileprivate static func list(_ text: String?) -> [UUID] {
        (text ?? "").split(separator: ",").compactMap { UUID(bare: String($0)) }
    }
}
