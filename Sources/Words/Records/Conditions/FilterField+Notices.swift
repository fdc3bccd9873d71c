// By what those choose who subscribe to events of handlers: `docs/contract/events.md §12`. Where nothing is set is no choice there.
extension FilterField<StoredEvent> {
    /// All but that of the place.
    public static var ofNotices: [Self] {
        let shared: Set = [
            "sources", "stream_ids", "handler_ids", "user_data", "tags", "cities", "areas", "districts", "streets",
            "house_numbers", "age__gte", "age__lt", "gender", "ethnic_groups", "emotions", "masks", "liveness",
            "deepfake",
            "apparent_gender", "apparent_age__gte", "apparent_age__lt", "headwear_states", "headwear_apparent_colors",
            "sleeve_lengths", "upper_clothing_colors", "lower_garment_colors", "lower_garment_types",
            "shoes_apparent_colors", "backpack_states",
        ]
        return all.filter { shared.contains($0.query) }.map(\.withoutNull) + [
            Self("matching_candidates_labels", matchLabels, .hasAny, .text(maximumLength: 36)),
            Self("object_similarity__gte", "attributes", path: similarity, .atLeast, .number(0...1)),
            Self("object_similarity__lt", "attributes", path: similarity, .below, .number(0...1)),
        ]
    }
    private static var similarity: [String] { ["top_match", "similarity"] }
    /// No column of a table: the labels of an event's matches, see `TextList`.
    static var matchLabels: String { "match_labels" }

    private var withoutNull: Self { Self(query, column, path: path, comparison, kind) }
}
