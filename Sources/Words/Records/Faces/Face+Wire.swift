public import JSON

/// A member of the face object.
public enum FaceTarget: String, Sendable, CaseIterable {
    case id = "face_id"
    case accountID = "account_id"
    case eventID = "event_id"
    case userData = "user_data"
    case createTime = "create_time"
    case externalID = "external_id"
    case avatar, lists
}

extension Face {
    /// The one builder of the face object: `docs/contract/recognition.md §5`. Secrets in its avatar are hidden.
    public func wire(_ targets: Set<FaceTarget> = Set(FaceTarget.allCases)) -> JSONValue {
        var object: [String: JSONValue] = [:]
        for target in targets {
            object[target.rawValue] =
                switch target {
                case .id: .string(id.wire)
                case .accountID: .string(accountID.wire)
                case .eventID: details.eventID.map { .string($0.wire) } ?? .null
                case .userData: .string(details.userData)
                case .createTime: .string(createTime.rfc3339)
                case .externalID: .string(details.externalID)
                case .avatar: .string(Redaction.redacted(details.avatar, as: .prose))
                case .lists: .array(lists.map { .string($0.wire) })
                }
        }
        return .object(object)
    }
}
