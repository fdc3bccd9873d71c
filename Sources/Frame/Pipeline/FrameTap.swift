public import Analytics
public import Frames
public import Records
public import Scene

/// Looks at a stream's analysed frames: to draw, to show or to cover what was found in them.
public protocol FrameTap: Sendable {
    /// Takes the next analysed frame, after its events have gone to the sink. The stream waits, and ends with what is thrown.
    /// Where the stream has `privacy`, its picture is covered, or none.
    /// - Parameter results: at least one, in the order of the stream's analytics.
    func take(_ frame: Frame, _ results: [AnalyticResult]) async throws
    /// Takes notice that an analytic could not be told what is in a frame.
    func miss(_ frame: Frame, _ analytic: EventOrigin, _ reason: String) async
    /// Whether the picture of the next frame that it takes is kept: where faces are hidden, they are looked for once more before.
    var keepsPicture: Bool { get }
}
extension FrameTap {
    public var keepsPicture: Bool { false }
    public func miss(_ frame: Frame, _ analytic: EventOrigin, _ reason: String) {}
}

extension [AnalyticResult] {
    /// The people of the frame, as the analytic says that is there to count them, else the first.
    public var headcount: Headcount { counting?.headcount ?? Headcount() }
    /// What the analytic saw that is there to count, else the first.
    var counting: AnalyticResult? { first { $0.marking == .people } ?? first }
}

/// What one analytic saw and said of one frame.
public struct AnalyticResult: Sendable {
    public let observation: Observation
    public let updates: AnalyticUpdates
    public let marking: PreparedAnalytic.Marking
    /// The people of the frame. Not the observation's where another of the stream's analytics is there to count.
    public let headcount: Headcount
    /// Position among the plan's followings of the one by whose tracks it goes; `nil`: it follows nobody.
    let following: Int?
    /// How many followings the plan has.
    let followings: Int
    /// What the model found, also the unsure ones.
    let found: [Detection]
    /// Who is there, wherever they are.
    let everybody: Headcount
    /// What the analytic made of it.
    let decisions: [any Decision]
}
