import Foundation
import JSON

/// Events of handlers as rows of a table for other programs: `docs/contract/events.md §11`.
public enum EventColumn: String, Sendable, CaseIterable {
    case eventID = "event_id"
    case createTime = "create_time"
    case endTime = "end_time"
    case externalID = "external_id"
    case handlerID = "handler_id"
    case source
    case streamID = "stream_id"
    case topMatch = "top_match"
    case matchResult = "match_result"
    case faceDetections = "face_detections"
    case bodyDetections = "body_detections"
    case faceID = "face_id"
    case attachResult = "attach_result"
    case gender, age, emotion
    case ethnicGroup = "ethnic_group"
    case tags
    case userData = "user_data"
    case trackID = "track_id"
    case city, area, district, street
    case houseNumber = "house_number"
    case geoPosition = "geo_position"
    case mask, liveness, deepfake
    case bodyBasicAttributes = "body_basic_attributes"
    case upperBody = "upper_body"
    case lowerBody = "lower_body"
    case accessories, meta

    /// Those of a table where nobody says which.
    public static let standard = allCases.filter {
        ![.matchResult, .faceDetections, .bodyDetections, .attachResult, .tags].contains($0)
    }

    /// The columns that it is in the table: what has parts is unfolded, each part with where it lies.
    private var parts: [(name: String, path: [String])] {
        switch self {
        case .bodyBasicAttributes: [("apparent_gender", ["apparent_gender"]), ("apparent_age", ["apparent_age"])]
        case .upperBody:
            [
                ("headwear_state", ["headwear", "state"]), ("sleeve_length", ["sleeve", "length"]),
                ("upper_clothing_colors", ["upper_clothing", "colors"]),
                ("headwear_apparent_color", ["headwear", "apparent_color"]),
            ]
        case .lowerBody:
            [
                ("lower_garment_type", ["lower_garment", "type"]),
                ("lower_garment_colors", ["lower_garment", "colors"]),
                ("shoes_apparent_color", ["shoes", "apparent_color"]),
            ]
        case .accessories: [("backpack_state", ["backpack", "state"])]
        default: [(rawValue, [])]
        }
    }
    public var names: [String] { parts.map(\.name) }

    /// What stands in its columns.
    /// - Parameter event: in the stored form.
    func cells(_ event: JSONValue) -> [String] {
        switch self {
        case .city, .area, .district, .street, .houseNumber: return [Self.cell(event["location"]?[rawValue])]
        case .geoPosition:
            let position = event["location"]?["geo_position"]
            guard let latitude = position?["latitude"], let longitude = position?["longitude"] else { return [""] }
            return ["\(latitude.text), \(longitude.text)"]
        case .createTime, .endTime:
            return [Self.cell(event[rawValue]).replacing("Z", with: "+00:00")]
        case .topMatch, .meta, .matchResult, .faceDetections, .bodyDetections:
            let value = event[rawValue] ?? .null
            return [value == .null ? "" : value.pythonText]
        default:
            return parts.map { part in
                var value = event[rawValue]
                for member in part.path { value = value?[member] }
                return Self.cell(value)
            }
        }
    }
    private static func cell(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null: ""
        case .string(let text): text
        case .array(let items): "[\(items.map(\.text).joined(separator: ", "))]"
        case let value?: value.text
        }
    }
}

/// A table as text, as RFC 4180 has it.
public struct CSVWriter: Sendable {
    private let delimiter: Character
    public init(delimiter: Character = ",") { self.delimiter = delimiter }

    public func line(_ cells: [String]) -> String { cells.map(quoted).joined(separator: String(delimiter)) + "\r\n" }
    private func quoted(_ cell: String) -> String {
        let needsQuotes =
            cell.contains(delimiter) || cell.unicodeScalars.contains { "\"\r\n".unicodeScalars.contains($0) }
        return needsQuotes ? "\"\(cell.replacing("\"", with: "\"\""))\"" : cell
    }
}

extension StoredEvent {
    /// The cells of its row.
    public func cells(_ columns: [EventColumn]) -> [String] {
        let event = stored()
        return columns.flatMap { $0.cells(event) }
    }
    /// The columns of general events, and the cells of a row of them.
    public static let generalColumns = [
        "event_id", "event_type", "account_id", "stream_id", "track_id", "event_create_time", "event_end_time",
        "people_count", "event",
    ]
    public var generalCells: [String] {
        let event = body["event"] ?? .null
        return [
            id.wire, type, accountID.wire, streamID?.wire ?? "", trackID ?? "",
            begin.time.rfc3339.replacing("Z", with: "+00:00"), end.time.rfc3339.replacing("Z", with: "+00:00"),
            event["people_count"]?.text ?? "", event.text,
        ]
    }
}

extension JSONValue {
    /// As Python would print it, which is how v6 writes objects into tables.
    fileprivate var pythonText: String {
        switch self {
        case .null: return "None"
        case .bool(let flag): return flag ? "True" : "False"
        case .integer, .number: return text
        case .string(let text):
            let escaped = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n").replacing("\r", with: "\\r")
            // The quotation mark that the text does not hold.
            return text.contains("'") && !text.contains("\"")
                ? "\"\(escaped)\"" : "'\(escaped.replacing("'", with: "\\'"))'"
        case .array(let items): return "[\(items.map(\.pythonText).joined(separator: ", "))]"
        case .object(let members):
            let pairs = members.sorted { $0.key < $1.key }.map {
                "\(JSONValue.string($0.key).pythonText): \($0.value.pythonText)"
            }
            return "{\(pairs.joined(separator: ", "))}"
        }
    }
}
