import Analytics
public import JSON
public import Media
import Records
public import Scene

// What answers say of faces, bodies and pictures.
extension JSONValue {
    /// - Parameter members: what was asked for beside the place.
    public static func detection(_ detection: Detection, _ members: [String: JSONValue] = [:]) -> JSONValue {
        .object(members.merging(["rect": JSONValue.rectAndScore(detection).rect]) { $1 })
    }
    /// Of a picture that is one face or one body itself.
    public static func whole(_ size: PixelSize, _ members: [String: JSONValue]) -> JSONValue {
        let box = BoundingBox(minX: 0, minY: 0, maxX: Float(size.width), maxY: Float(size.height))
        return detection(Detection(box: box, confidence: 1), members)
    }
    public static func exif(_ exif: EXIF) -> JSONValue {
        .object(
            exif.tags.mapValues { value in
                switch value {
                case .text(let text): return .string(text)
                case .numbers(let numbers):
                    let items = numbers.map { number in
                        Int64(exactly: number).map(JSONValue.integer) ?? .number(number)
                    }
                    return items.count == 1 ? items[0] : .array(items)
                }
            })
    }
    public static func reasons(_ reasons: [FilterReason]) -> JSONValue { .array(reasons.map(\.wire)) }
}

extension FilterReason {
    var wire: JSONValue {
        [
            "filter_name": .string(filter), "object_value": .number((value * 10_000).rounded() / 10_000),
            "threshold_value": .number(threshold),
        ]
    }
}

extension JudgedFace {
    /// The members of a detection beside its place.
    public var wire: [String: JSONValue] {
        var members = estimates.wire
        if let portrait { members["face_quality"] = portrait.wire }
        return members
    }
}
