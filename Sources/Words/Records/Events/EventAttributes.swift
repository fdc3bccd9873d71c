public import JSON

/// What is known of the person in an event beyond where they were: the flat members of a stored event
/// (`docs/contract/events.md §1.1`), as they follow from the generated one.
public enum EventAttributes {
    public static let plainColors = ["undefined", "black", "white", "other"]
    public static let colors = [
        "undefined", "black", "blue", "green", "gray", "orange", "purple", "red", "white", "yellow", "pink", "brown",
        "beige", "khaki", "multicolored",
    ]
    public static let sleeves = ["short", "long", "undefined"]
    public static let garments = ["undefined", "trousers", "shorts", "skirt"]

    // Words of estimations in the order of their numbers.
    private static let emotions = ["anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"]
    private static let masks = ["missing", "medical_mask", "occluded"]
    private static let ethnicities = ["african_american", "indian", "asian", "caucasian"]
    private static let liveness = ["spoof", "real", "unknown"]
    private static let deepfake = ["fake", "real"]

    /// The members that are set; empty for most events.
    /// - Parameter event: as it is generated.
    public static func members(of event: JSONValue) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        let basic = event["face_attributes"]?["basic_attributes"]
        members["gender"] = basic?["gender"]
        members["age"] = basic?["age"]
        members["ethnic_group"] = code(basic?["ethnicities"]?["predominant_ethnicity"], ethnicities, from: 1)
        func estimated(_ side: String, _ key: String) -> JSONValue? {
            if let value = event["aggregate_estimations"]?[side]?["attributes"]?[key] { return value }
            return event["detections"]?.array?.first?["samples"]?[side]?["detection"]?["attributes"]?[key]
        }
        members["emotion"] = code(estimated("face", "emotions")?["predominant_emotion"], emotions, from: 1)
        members["mask"] = code(estimated("face", "mask")?["predominant_mask"], masks, from: 1)
        members["liveness"] = code(estimated("face", "liveness")?["prediction"], liveness, from: 0)
        members["deepfake"] = code(estimated("face", "deepfake")?["prediction"], deepfake, from: 0)
        for (key, name) in [
            ("body_basic_attributes", "basic_attributes"), ("upper_body", "upper_body"), ("lower_body", "lower_body"),
            ("accessories", "accessories"),
        ] { members[key] = estimated("body", name) }
        members["face_id"] = event["face"]?["face_id"]
        members["attach_result"] = event["face"]?["lists"]
        members["top_match"] = topMatch(event["matches"])
        return members.filter { $0.value != .null }
    }
    private static func code(_ word: JSONValue?, _ words: [String], from first: Int) -> JSONValue? {
        word?.string.flatMap(words.firstIndex(of:)).map { .integer(Int64($0 + first)) }
    }

    /// The best candidate of all, the first among equals. `object_id` is the id of whatever it is.
    private static func topMatch(_ matches: JSONValue?) -> JSONValue? {
        var best: (similarity: Double, match: JSONValue)?
        for match in matches?.array ?? [] {
            for candidate in match["candidates"]?.array ?? [] {
                guard let similarity = candidate["similarity"]?.double, similarity > best?.similarity ?? -1 else {
                    continue
                }
                let kind = candidate["event"]?.object == nil ? "face" : "event"
                let id = candidate[kind]?["\(kind)_id"] ?? .null
                best = (
                    similarity,
                    [
                        "\(kind)_id": id, "object_id": id, "similarity": candidate["similarity"] ?? .null,
                        "label": match["label"] ?? .null, "external_id": candidate[kind]?["external_id"] ?? .null,
                    ]
                )
            }
        }
        return best?.match
    }
}
