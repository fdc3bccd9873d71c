extension FilterField {
    /// By what both kinds of events can be filtered.
    fileprivate static var ofEveryEvent: [Self] {
        [
            Self("event_ids", "id", .isIn, .id),
            Self("event_id__gte", "id", .atLeast, .id),
            Self("event_id__lt", "id", .below, .id),
            Self("create_time__gte", "begin_time", .atLeast, .time),
            Self("create_time__lt", "begin_time", .below, .time),
            Self("end_time__gte", "end_time", .atLeast, .time),
            Self("end_time__lt", "end_time", .below, .time),
            Self("insert_time__gte", "insert_time", .atLeast, .time),
            Self("insert_time__lt", "insert_time", .below, .time),
            Self("stream_ids", "stream_id", .isIn, .id, allowsNull: true),
            Self("track_ids", "track_id", .isIn, .name(maximumLength: 36), allowsNull: true),
        ]
    }
}

// By what events of handlers can be filtered: `docs/contract/events.md §2`. What a query says of a place is no field of its own.
extension FilterField<StoredEvent> {
    /// What is found in columns of its own.
    public static var ofColumns: [Self] {
        ofEveryEvent + [
            Self("handler_ids", "handler_id", .isIn, .id),
            Self("external_ids", "external_id", .isIn, .text(maximumLength: 36)),
            Self("sources", "source", .isIn, .text(maximumLength: 128), allowsNull: true),
            Self("user_data", "user_data", .contains, .text(maximumLength: 128)),
            Self("tags", "tags", .hasAll, .text(maximumLength: 36)),
            Self("cities", "city", .isIn, .text(maximumLength: 36), allowsNull: true),
            Self("areas", "area", .isIn, .text(maximumLength: 36), allowsNull: true),
            Self("districts", "district", .isIn, .text(maximumLength: 36), allowsNull: true),
            Self("streets", "street", .isIn, .text(maximumLength: 36), allowsNull: true),
            Self("house_numbers", "house_number", .isIn, .text(maximumLength: 36), allowsNull: true),
        ]
    }

    /// What lies in the document of what is known of a person, see `EventAttributes`.
    public static var ofAttributes: [Self] {
        func field(
            _ query: String, _ path: String, _ comparison: Comparison, _ kind: Kind, allowsNull: Bool = false
        ) -> Self {
            Self(
                query, "attributes", path: path.split(separator: ".").map(String.init), comparison, kind,
                allowsNull: allowsNull)
        }
        func codes(_ query: String, _ path: String, _ codes: ClosedRange<Int>) -> Self {
            field(query, path, .isIn, .integer(codes), allowsNull: true)
        }
        func words(_ query: String, _ path: String, _ words: [String], _ comparison: Comparison = .isIn) -> Self {
            field(query, path, comparison, .choice(words), allowsNull: true)
        }
        return [
            field("face_ids", "face_id", .isIn, .id),
            field("top_matching_candidates_label", "top_match.label", .equal, .text(maximumLength: 36)),
            field("top_similar_object_ids", "top_match.object_id", .isIn, .text(maximumLength: 36)),
            field("top_similar_external_ids", "top_match.external_id", .isIn, .text(maximumLength: 36)),
            field("top_similar_object_similarity__gte", "top_match.similarity", .atLeast, .number(0...1)),
            field("top_similar_object_similarity__lt", "top_match.similarity", .below, .number(0...1)),
            field("age__gte", "age", .atLeast, .integer(0...1000)), field("age__lt", "age", .below, .integer(0...1000)),
            field("gender", "gender", .equal, .integer(0...1), allowsNull: true),
            codes("emotions", "emotion", 1...7), codes("masks", "mask", 1...3),
            codes("ethnic_groups", "ethnic_group", 1...4), codes("liveness", "liveness", 0...2),
            codes("deepfake", "deepfake", 0...1),
            codes("apparent_gender", "body_basic_attributes.apparent_gender", 0...2),
            field("apparent_age__gte", "body_basic_attributes.apparent_age", .atLeast, .integer(0...100)),
            field("apparent_age__lt", "body_basic_attributes.apparent_age", .below, .integer(0...100)),
            codes("headwear_states", "upper_body.headwear.state", 0...2),
            codes("backpack_states", "accessories.backpack.state", 0...2),
            words("headwear_apparent_colors", "upper_body.headwear.apparent_color", EventAttributes.plainColors),
            words("shoes_apparent_colors", "lower_body.shoes.apparent_color", EventAttributes.plainColors),
            words("sleeve_lengths", "upper_body.sleeve.length", EventAttributes.sleeves),
            words("upper_clothing_colors", "upper_body.upper_clothing.colors", EventAttributes.colors, .hasAny),
            words("lower_garment_colors", "lower_body.lower_garment.colors", EventAttributes.colors, .hasAny),
            words("lower_garment_types", "lower_body.lower_garment.type", EventAttributes.garments),
        ]
    }
    /// All but those of the place, and those of `meta`.
    public static var all: [Self] { ofColumns + ofAttributes }
}

/// A general event, as the resource that filters speak of.
public enum GeneralEvent {}

extension FilterField<GeneralEvent> {
    /// All but those of what the event itself says.
    public static var all: [Self] { [Self("event_type", "type", .isIn, .text(maximumLength: 128))] + ofEveryEvent }
}
