public import Foundation
public import JSON

/// What is not known of a time, and why.
public struct TraceGap: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// The source delivered nothing, or less than it uses to.
        case noFrame
        /// Frames were decoded and not analysed: the analysis was slower than the source.
        case notAnalysed(frames: Int)
        /// Looking failed; the reason is a sentence.
        case failed(String)
        /// The source was lost, or ended; the reason is a sentence.
        case sourceLost(String)
        /// What was seen is no longer remembered.
        case forgotten
        /// Nothing was traced: it is switched off, the stream does not run, or the event is from elsewhere.
        case noTrace(String)

        fileprivate var wire: (word: String, text: String) {
            switch self {
            case .noFrame: ("no_frame", "the source delivered no frame")
            case .notAnalysed(let frames):
                (
                    "not_analysed",
                    "\(frames) frames were decoded and not analysed: the analysis was slower than the source"
                )
            case .failed(let reason): ("failed", reason)
            case .sourceLost(let reason): ("source_lost", reason)
            case .forgotten: ("forgotten", "what was seen then is no longer remembered")
            case .noTrace(let reason): ("no_trace", reason)
            }
        }
    }
    public let reason: Reason
    /// `nil`: since whenever.
    public let from: Date?
    /// `nil`: it lasts.
    public var to: Date?
    public init(_ reason: Reason, from: Date?, to: Date?) { (self.reason, self.from, self.to) = (reason, from, to) }

    public func meets(_ window: ClosedRange<Date>) -> Bool {
        (from ?? .distantPast) <= window.upperBound && (to ?? .distantFuture) >= window.lowerBound
    }
    /// - Parameter what: that everything is missing of.
    static func nothingIsKnown(of what: String, _ gaps: [TraceGap]) -> String {
        let reasons = gaps.map(\.reason.wire.text)
        return "Nothing is known of \(what)" + (reasons.isEmpty ? "." : ": \(reasons.joined(separator: "; ")).")
    }
    public var wire: JSONValue {
        let (word, text) = reason.wire
        return [
            "reason": .string(word), "text": .string(text), "from": from.map { .string($0.rfc3339) } ?? .null,
            "to": to.map { .string($0.rfc3339) } ?? .null,
        ]
    }
}
