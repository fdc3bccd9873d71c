public import Scene
import JSON

/// A box in a frame, and what became of it: 20 bytes, since some thousands are remembered of each stream.
public struct TracedBox: Hashable, Sendable {
    /// Why somebody counts, or does not.
    public enum Standing: UInt8, Sendable, CaseIterable {
        /// Counted, or reported as a person of their own.
        case counted
        /// Counted although this frame does not show the person, who was there a moment ago.
        case missed
        /// A person, but centred outside of the `droi`.
        case outsideZone
        /// The model is less sure than its threshold.
        case belowThreshold
        /// Followed, but not found in enough frames yet, or taken for a thing.
        case tentative
        /// Was followed and is not found at the moment.
        case lost
        /// Sure enough, but followed by nobody and not counted at first sight.
        case unfollowed

        var wire: String {
            switch self {
            case .counted: "counted"
            case .missed: "missed"
            case .outsideZone: "outside_zone"
            case .belowThreshold: "below_threshold"
            case .tentative: "tentative"
            case .lost: "lost"
            case .unfollowed: "unfollowed"
            }
        }
    }
    private let left, top, width, height: UInt16
    /// In ten thousandths; the greatest of all for none.
    private let tenThousandths: UInt16
    /// 0 for none.
    private let number: UInt32
    public let standing: Standing
    private let zone: UInt8

    /// - Parameters:
    ///   - confidence: of the detection in this frame; `nil` when there is none.
    ///   - isInZone: whether its centre is in the `droi`; `nil` without one.
    public init(
        _ box: BoundingBox, confidence: Float?, track: Track.ID? = nil, standing: Standing, isInZone: Bool? = nil
    ) {
        func pixels(_ value: Float) -> UInt16 { UInt16(min(max(value.isNaN ? 0 : value.rounded(), 0), 65_535)) }
        (left, top) = (pixels(box.minX), pixels(box.minY))
        width = pixels(box.maxX) - min(left, pixels(box.maxX))
        height = pixels(box.maxY) - min(top, pixels(box.maxY))
        tenThousandths = confidence.map { UInt16(min(max($0.isNaN ? 0 : $0, 0), 1) * 10_000) } ?? .max
        number = track.map { UInt32(clamping: $0.rawValue &+ 1) } ?? 0
        self.standing = standing
        zone = isInZone.map { $0 ? 1 : 0 } ?? 2
    }

    public var track: Track.ID? { number == 0 ? nil : Track.ID(rawValue: UInt64(number - 1)) }
    public var confidence: Float? { tenThousandths == .max ? nil : Float(tenThousandths) / 10_000 }

    var wire: JSONValue {
        var members: [String: JSONValue] = [
            "rect": [
                "x": .integer(Int64(left)), "y": .integer(Int64(top)), "width": .integer(Int64(width)),
                "height": .integer(Int64(height)),
            ],
            "score": tenThousandths == .max ? .null : .number(Double(tenThousandths) / 10_000),
            "track": track.map { .integer(Int64(clamping: $0.rawValue)) } ?? .null,
            "standing": .string(standing.wire),
        ]
        if zone < 2 { members["in_zone"] = .bool(zone == 1) }
        return .object(members)
    }
}
