public import Foundation
public import JSON
public import Records
public import Scene

/// Turns what is seen in a stream's frames into events. A value owned by the stream that runs it; sees no pixels.
public protocol Analytic: Sendable {
    var requirements: AnalyticRequirements { get }
    /// Takes one analysed frame and says what it changed, in the order in which it happened.
    mutating func observe(_ observation: Observation) -> [EventUpdate]
    /// What it made of the frame that it observed last, and by what.
    var decisions: [any Decision] { get }
    /// Ends every event that is still going on: the stream ended or was stopped. Nothing is observed after it.
    mutating func finish() -> [EventUpdate]
    /// Lets each event that ends tell what every frame of it has shown. To be called before the first frame, and for what ends: it is
    /// all kept until then.
    mutating func keepEstimations()
}
extension Analytic {
    public mutating func keepEstimations() {}
}

/// What an analytic needs of each frame.
public struct AnalyticRequirements: Hashable, Sendable {
    public var rate: Rate
    /// `nil`: the whole frame.
    public var roi: RegionOfInterest?
    /// `nil`: detections are enough.
    public var tracking: TrackingRequirement?
    public var model: ModelChoice
    /// How sure the model must be of somebody, `0...1`; `nil`: the model's own.
    public var confidence: Float?
    /// Whether the faces of those who are followed by their bodies are wanted too.
    public var findsFaces: Bool
    /// Whether faces are to be looked at closer for their points.
    public var findsFacePoints: Bool
    /// What is to be estimated of the faces of those who are followed.
    public var estimates: FaceEstimateSet
    /// Where people count for it; `nil`: wherever it looks.
    public var counting: RegionFilter?
    /// What its pictures show nobody, beyond what its stream's do not.
    public var privacy: Privacy?
    public init(
        rate: Rate, roi: RegionOfInterest? = nil, tracking: TrackingRequirement? = nil,
        model: ModelChoice = .people(nil), confidence: Float? = nil, findsFaces: Bool = false,
        findsFacePoints: Bool = false, estimates: FaceEstimateSet = [], counting: RegionFilter? = nil,
        privacy: Privacy? = nil
    ) {
        (self.rate, self.roi, self.tracking) = (rate, roi, tracking)
        (self.model, self.confidence) = (model, confidence)
        (self.findsFaces, self.findsFacePoints) = (findsFaces, findsFacePoints)
        (self.estimates, self.counting, self.privacy) = (estimates, counting, privacy)
    }
}

public struct TrackingRequirement: Hashable, Sendable {
    /// Analysed frames in which a person must be found before the track is confirmed for this analytic; 0 acts as 1.
    public var probeCount: Int
    public init(probeCount: Int) { self.probeCount = probeCount }
}

/// An analytic as one stream wants it, made from the parameters that the stream's owner wrote.
public struct PreparedAnalytic: Sendable {
    /// Outlines that pictures may show.
    public enum Region: Hashable, Sendable {
        /// The part of the frame that is looked at.
        case roi(RegionOfInterest)
        /// Where results count.
        case filter(RegionFilter)
    }
    /// What pictures show of the people in a frame.
    public enum Marking: Sendable {
        /// Everybody counted, each with the model's score.
        case people
        /// Everybody counted, those who are followed by a number.
        case tracks
    }
    public var analytic: any Analytic
    /// Whom its reports are due to.
    public var callbacks: [Callback]
    /// That is given whom it sees; `nil`: none is.
    public var handler: UUID?
    public var regions: [Region]
    public var marking: Marking
    /// The parameters in force, defaults written out, without callbacks: a hash over these must not tell of passwords.
    public var inForce: JSONValue
    public init(
        _ analytic: any Analytic, callbacks: [Callback] = [], handler: UUID? = nil, regions: [Region] = [],
        marking: Marking = .people, inForce: JSONValue = .emptyObject
    ) {
        (self.analytic, self.callbacks, self.regions, self.marking) = (analytic, callbacks, regions, marking)
        (self.handler, self.inForce) = (handler, inForce)
    }
}
