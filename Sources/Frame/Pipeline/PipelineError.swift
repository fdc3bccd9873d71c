public import Inference
public import Scene

/// Why a stream cannot be processed, as its owner reads it in `last_error`.
public enum PipelineError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The analytic's region of interest reaches beyond the frame.
    case invalidRectangle(analytic: String, frame: String)
    /// Parameters that passed at creation and do not now, or an analytic that is gone since.
    case unusableAnalytic(name: String, reason: String)
    /// The model that an analytic asks for cannot be loaded; the reason is a sentence.
    case unusableModel(ModelChoice, reason: String)
    /// The same of a model that estimates something of faces.
    case unusableEstimator(EstimatorCard.Head, reason: String)
    /// More analytics than one stream may have.
    case tooManyAnalytics(found: Int, maximum: Int)
    /// No frame could be analysed for a long time. Counts each analytic's tries.
    case analysisFailing(tries: Int, reason: String)

    public var description: String {
        switch self {
        case .invalidRectangle(let analytic, let frame):
            "Invalid rectangle: the roi of '\(analytic)' is not inside the frame of \(frame) pixels"
        case .unusableAnalytic(let name, let reason): "Analytic '\(name)' cannot run: \(reason)"
        case .unusableModel(.people(let name?), let reason):
            "The model '\(name.rawValue)' cannot be used: \(reason)"
        case .unusableModel(.people(nil), let reason): reason
        case .unusableModel(.faces, let reason): "The model of faces cannot be used: \(reason)"
        case .unusableEstimator(let head, let reason):
            "The model '\(head.rawValue)' of faces cannot be used: \(reason)"
        case .unusableModel(.facePoints, let reason): "The model of the points of faces cannot be used: \(reason)"
        case .unusableModel(.facesAgain, let reason): "The second model of faces cannot be used: \(reason)"
        case .tooManyAnalytics(let found, let maximum):
            "The stream has \(found) analytics, but at most \(maximum) are possible"
        case .analysisFailing(let tries, let reason):
            "Analysing frames failed \(tries) times in a row: \(reason)"
        }
    }
}
