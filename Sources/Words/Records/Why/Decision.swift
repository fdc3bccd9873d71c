public import Foundation
import JSON
public import Scene

/// What an analytic made of one frame, of all that it sees or of one track. Each analytic has decisions of its own, which are
/// written out only when somebody asks why, like `Facts`.
public protocol Decision: Sendable {
    /// Whom it is about; `nil`: everybody.
    var track: Track.ID? { get }
    /// The event that goes on, or that has ended with this frame.
    var event: UUID? { get }
    var verdict: FrameVerdict { get }
    /// How far a verdict that lasts has come. Frames between which verdict, event and step stay the same tell the same, but for numbers.
    var step: Int { get }
    /// What was tested, in this order.
    var conditions: [TestedCondition] { get }
    /// The same as one sentence for a person, without its full stop.
    var sentence: String { get }
}

/// What a frame does to an event.
public enum FrameVerdict: String, Sendable, CaseIterable {
    /// Nothing is going on.
    case idle
    /// It would begin an event if more frames like it follow.
    case probing
    case opened
    case continued
    /// It does not belong to the event, which is not over yet.
    case paused
    case closed
}

/// One condition as a frame met it.
public struct TestedCondition: Hashable, Sendable {
    public enum Relation: String, Sendable { case atLeast = ">=", below = "<" }
    /// What is compared, such as `people_count`.
    public let name: String
    public let relation: Relation
    /// What it is compared with, such as `people_count_threshold`.
    public let boundName: String
    public let value, bound: Double
    public var holds: Bool { relation == .atLeast ? value >= bound : value < bound }

    public init(_ name: String, _ value: Double, _ relation: Relation, _ boundName: String, _ bound: Double) {
        (self.name, self.relation, self.boundName) = (name, relation, boundName)
        (self.value, self.bound) = (value, bound)
    }
    public init(_ name: String, _ value: Int, _ relation: Relation, _ boundName: String, _ bound: Int) {
        self.init(name, Double(value), relation, boundName, Double(bound))
    }

    var wire: JSONValue {
        [
            "condition": .string("\(name) \(relation.rawValue) \(boundName)"), "value": .thousandths(value),
            "bound": .thousandths(bound), "holds": .bool(holds),
        ]
    }
}

extension Decision {
    var wire: JSONValue {
        [
            "track": track.map { .integer(Int64(clamping: $0.rawValue)) } ?? .null,
            "event_id": event.map { .string($0.wire) } ?? .null, "verdict": .string(verdict.rawValue),
            "conditions": .array(conditions.map(\.wire)), "text": .string(sentence),
        ]
    }
    func isLike(_ other: any Decision) -> Bool {
        track == other.track && event == other.event && verdict == other.verdict && step == other.step
    }
}

extension JSONValue {
    /// Whole when it is, else to the thousandth.
    static func thousandths(_ value: Double) -> JSONValue {
        Int64(exactly: value).map { .integer($0) } ?? .number((value * 1000).rounded() / 1000)
    }
}
