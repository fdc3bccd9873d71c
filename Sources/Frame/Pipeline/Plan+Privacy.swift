import Inference
import Scene

extension Plan {
    /// Positions in `looks` of those that say what to cover; they look at the whole of each frame that anybody wants.
    struct Covers: Sendable {
        var faces, bodies: Int?
        /// With what a frame is looked at once more before a picture of it is kept that hides faces.
        var again: LoadedModel?
        var looks: [Int] { [faces, bodies].compactMap(\.self) }
    }

    /// What holds for the stream's pictures and for those of each analytic.
    var privacies: [Privacy] { ([privacy] + consumers.map(\.privacy)).compactMap(\.self) }

    var hidesFaces: Bool { privacies.contains { $0.mode == .faces } }

    /// With what must be looked for what is to be covered. A head whose face is turned away is where a body has it.
    var coverModels: [ModelChoice] {
        let modes = Set(privacies.map(\.mode))
        if modes.contains(.faces) { return [.faces, .people(nil)] }
        return modes.contains(.people) ? [.people(nil)] : []
    }
}
