public import Foundation
import Matching
public import Records
import SQL

// What faces look like.
extension Store {
    /// Gives a face other features in place of those that it has.
    /// - Returns: false when `account` has no such face.
    /// - Throws: `attributeNotFound`; then it has what it had.
    public func setFeatures(
        _ source: FaceSource, ofFace id: UUID, account: UUID, at now: Date = .now
    ) async throws -> Bool {
        let time = Milliseconds.nearest(now)
        let (isThere, former) = try await write { [descriptors] connection -> (Bool, Int) in
            guard let face = try connection.face(id, account: account) else { return (false, 0) }
            let former = try connection.deleteFeatures(ofFace: face, descriptors)
            try connection.insert(source, ofFace: face, account: account, at: time, descriptors)
            return (true, former)
        }
        if former > 0 { await erase() }
        return isThere
    }

    /// What a face looks like.
    /// - Returns: whose face it is, and its features, if it has some; `nil` when `account`, or anybody when that is `nil`, has no such face.
    public func features(ofFace id: UUID, account: UUID?) async throws -> (owner: UUID, features: FeaturesOfFace?)? {
        let found = try await read {
            try $0.first(
                """
                SELECT face.account_id, face_attribute.create_time, \(FaceFeatures.columns)
                FROM face LEFT JOIN face_attribute ON face_attribute.face_sequence = face.sequence WHERE face.id = ?
                """, [id]
            ) { row -> (owner: UUID, features: FeaturesOfFace?) in
                let owner: UUID = row[0]
                guard let time: Int64 = row[1] else { return (owner, nil) }
                let features = try FaceFeatures(row: row, from: 2)
                return (
                    owner,
                    FeaturesOfFace(accountID: owner, createTime: Milliseconds.date(time), features: features)
                )
            }
        }
        guard let found, account == nil || account == found.owner else { return nil }
        return found
    }

    /// Removes what a face looks like; the face stays.
    /// - Returns: false when `account` has no such face.
    public func deleteFeatures(ofFace id: UUID, account: UUID) async throws -> Bool {
        let (isThere, former) = try await write { [descriptors] connection -> (Bool, Int) in
            guard let face = try connection.face(id, account: account) else { return (false, 0) }
            return (true, try connection.deleteFeatures(ofFace: face, descriptors))
        }
        if former > 0 { await erase() }
        return isThere
    }

    /// How many faces have features, of `account` or of all accounts.
    public func countOfFacesWithFeatures(account: UUID?) async throws -> Int {
        let query = Self.featureCountQuery(account: account)
        return try await read { try $0.value(query.sql, query.arguments) ?? 0 }
    }
    static func featureCountQuery(account: UUID?) -> Query {
        let clauses = Filter<Face>(accountID: account).clauses()
        return Query("SELECT count(*) FROM face_attribute\(clauses.sql)", clauses.arguments)
    }
}

extension Connection {
    /// - Returns: 1, or 0 for a face that has none.
    fileprivate func deleteFeatures(ofFace face: Int64, _ index: DescriptorIndex) throws -> Int {
        afterCommit { index.apply(.removed(subject: face)) }
        return try execute("DELETE FROM face_attribute WHERE face_sequence = ?", [face])
    }
    /// To a face that has no features.
    func insert(
        _ source: FaceSource, ofFace face: Int64, account: UUID, at time: Int64, _ index: DescriptorIndex
    ) throws {
        let features = try features(of: source, account: account, at: time)
        try execute(
            """
            INSERT INTO face_attribute (face_sequence, account_id, create_time, \(FaceFeatures.inserted))
            VALUES (?, ?, ?, \(FaceFeatures.marks))
            """, [face, account, time] + features.arguments(self))
        if let descriptor = features.descriptor.map(QuantisedDescriptor.init) {
            afterCommit { index.apply(.set(subject: face, account: account, descriptor)) }
        }
    }
    private func features(of source: FaceSource, account: UUID, at time: Int64) throws -> FaceFeatures {
        switch source {
        case .features(let features): return features
        case .attribute(let id):
            let kept = try first(
                "SELECT \(FaceFeatures.columns) FROM attribute WHERE id = ? AND account_id = ? AND expiry > ?",
                [id, account, time]
            ) { try FaceFeatures(row: $0, from: 0) }
            guard let kept else { throw StoreError.attributeNotFound(id) }
            return kept
        }
    }
}
