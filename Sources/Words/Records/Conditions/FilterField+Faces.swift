// By what faces, lists and temporary attributes can be filtered: `docs/contract/recognition.md §4` to `§6`.
extension FilterField<Face> {
    public static var ids: Self { Self("face_ids", "id", .isIn, .id) }
    public static var idAtLeast: Self { Self("face_id__gte", "id", .atLeast, .id) }
    public static var idBelow: Self { Self("face_id__lt", "id", .below, .id) }
    public static var externalIDs: Self { Self("external_ids", "external_id", .isIn, .text(maximumLength: 36)) }
    /// On the list of this id.
    public static var list: Self { Self("list_id", listColumn, .equal, .id) }
    /// No column of the faces' own: who is on which list stands elsewhere.
    public static var listColumn: String { "list" }

    public static var all: [Self] {
        [
            .ids, .idAtLeast, .idBelow, .externalIDs, .list,
            Self("create_time__gte", "create_time", .atLeast, .time),
            Self("create_time__lt", "create_time", .below, .time),
            Self("event_id", "event_id", .equal, .id),
            Self("user_data", "user_data", .contains, .text(maximumLength: 128)),
        ]
    }
    /// Those by which candidates of matching are chosen: all but that by event.
    public static var ofMatching: [Self] { all.filter { $0.query != "event_id" } }
}

extension FilterField<FaceList> {
    public static var ids: Self { Self("list_ids", "id", .isIn, .id) }
    public static var idAtLeast: Self { Self("list_id__gte", "id", .atLeast, .id) }
    public static var idBelow: Self { Self("list_id__lt", "id", .below, .id) }

    public static var all: [Self] {
        [
            .ids, .idAtLeast, .idBelow,
            Self("create_time__gte", "create_time", .atLeast, .time),
            Self("create_time__lt", "create_time", .below, .time),
            Self("last_update_time__gte", "last_update_time", .atLeast, .time),
            Self("last_update_time__lt", "last_update_time", .below, .time),
            Self("user_data", "user_data", .contains, .text(maximumLength: 128)),
            Self("user_data__eq", "user_data", .equal, .text(maximumLength: 128)),
        ]
    }
}

extension FilterField<FaceAttribute> {
    public static var ids: Self { Self("attribute_ids", "id", .isIn, .id) }
    public static var all: [Self] { [.ids] }
}

extension FilterField<BiometricAccess> {
    public static var all: [Self] {
        [
            Self("subject_ids", "subject_id", .isIn, .id),
            Self("reader_ids", "reader_id", .isIn, .id),
            Self("time__gte", "time", .atLeast, .time),
            Self("time__lt", "time", .below, .time),
        ]
    }
}
