public import Foundation

/// What is wrong with a stream that is being processed, beyond its status. Empty when it is well.
public struct StreamHealth: Hashable, Sendable {
    /// As clients and metrics know it.
    public enum Reason: String, Sendable, CaseIterable {
        case sourceStalled = "source_stalled"
        case reconnecting
        case pictureFrozen = "picture_frozen"
        case pictureBlack = "picture_black"
        case pictureCovered = "picture_covered"
        case analysisTooSlow = "analysis_too_slow"
        case analysisFailing = "analysis_failing"
    }
    /// One thing that is wrong.
    public struct Trouble: Hashable, Sendable {
        public let reason: Reason
        public let since: Date
        /// Of opening a lost source again, from 1.
        public let attempt: Int?
        /// Why the source was lost or could not be opened; without passwords.
        public let lastError: String?
        public init(_ reason: Reason, since: Date, attempt: Int? = nil, lastError: String? = nil) {
            (self.reason, self.since, self.attempt, self.lastError) = (reason, since, attempt, lastError)
        }
    }
    public var troubles: [Trouble]
    public init(_ troubles: [Trouble] = []) { self.troubles = troubles }
}

extension StreamHealth.Reason {
    /// For people.
    public var sentence: String {
        switch self {
        case .sourceStalled: "No video comes from the source. If that lasts, it is opened again."
        case .reconnecting: "The source was lost and is being opened again."
        case .pictureFrozen: "The picture comes but never changes. The camera may hang."
        case .pictureBlack: "The picture is black. The lens may be covered, or the light out."
        case .pictureCovered: "The picture is one even area. The lens may be covered, sprayed or out of focus."
        case .analysisTooSlow: "Frames are dropped because they come faster than they can be analysed."
        case .analysisFailing: "Most frames cannot be analysed."
        }
    }
}
