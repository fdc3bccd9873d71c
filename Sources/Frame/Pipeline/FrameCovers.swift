import Covering
import Frames
import Inference
import Scene
import Tracking

/// Covers the pictures of a running stream: whoever is shown a frame gets it from here, and not from the decoder.
struct FrameCovers: Sendable {
    /// A frame whose covers are known: the way to its pictures.
    struct Seen: Sendable {
        fileprivate let frame: Frame
        /// To be covered where faces are hidden, and where people are; `nil`: it could not be found out.
        fileprivate var faces, people: [BoundingBox]?
        fileprivate(set) var isComplete = false

        /// Whether anything is covered.
        var isWanted: Bool { faces != nil || people != nil }
        /// Takes in where those are whom an analytic is shown, who may be nobody to the looks that say what to cover.
        mutating func add(faces found: [BoundingBox], bodies: [BoundingBox]) {
            let covers = found.map(\.coverOfFace)
            faces = faces.map { ($0 + covers + bodies.map(\.coverOfHead)).outermost }
            people = people.map { ($0 + covers + bodies.map(\.coverOfBody)).outermost }
        }

        /// Takes in what a second look has found; `nil`: it failed, and nothing is shown.
        mutating func complete(_ found: [Detection]?) {
            isComplete = true
            guard let found else { return faces = nil }
            faces?.append(contentsOf: found.map(\.box.coverOfFace))
        }

        /// The frame as it may be shown under `privacy`. Where it is not known what to cover, it shows nothing.
        func shown(under privacy: Privacy?) -> Frame {
            let places: [BoundingBox]? =
                switch privacy?.mode {
                case .faces: faces
                case .people: people
                case .countsOnly, nil: []
                }
            guard let places else { return frame.shown(under: Privacy(.countsOnly), hiding: []) }
            return frame.shown(under: privacy, hiding: places)
        }
    }
    private struct Following: Sendable {
        let look: Int
        var follower: CoverFollower
    }
    private var faces, bodies: Following?
    /// As they begin.
    private let unseen: (faces: Following?, bodies: Following?)
    /// Of the latest frame.
    private var size: PixelSize?
    private let hidesFaces, hidesPeople: Bool

    init(_ plan: Plan, makeTracker: (TrackerConfiguration) -> any Tracker) {
        func following(_ look: Int?) -> Following? {
            guard let look else { return nil }
            let thresholds = plan.looks[look].model.thresholds
            return Following(
                look: look,
                follower: CoverFollower(
                    plan.configuration(for: thresholds), sureFrom: thresholds.confidence,
                    coveredFrom: thresholds.cover, makeTracker: makeTracker))
        }
        unseen = (following(plan.covers.faces), following(plan.covers.bodies))
        (faces, bodies) = unseen
        let modes = plan.privacies.map(\.mode)
        (hidesFaces, hidesPeople) = (modes.contains(.faces), modes.contains(.people))
    }

    /// Takes the next frame.
    mutating func see(_ frame: Frame, _ findings: FrameViews.Findings, _ views: FrameViews) -> Seen {
        guard hidesFaces || hidesPeople else { return Seen(frame: frame, faces: nil, people: nil) }
        // Where somebody was in pixels of another size is nowhere in these.
        if size != frame.size { (self.faces, self.bodies, size) = (unseen.faces, unseen.bodies, frame.size) }
        let faces = Self.places(&self.faces, frame, findings, views)
        let bodies = Self.places(&self.bodies, frame, findings, views)
        let heads: [BoundingBox]? =
            if let faces, let bodies { faces.map(\.coverOfFace) + bodies.map(\.coverOfHead) } else { nil }
        return Seen(
            frame: frame, faces: hidesFaces ? heads : nil,
            people: bodies.map { $0.map(\.coverOfBody) + (faces ?? []).map(\.coverOfFace) })
    }

    private static func places(
        _ following: inout Following?, _ frame: Frame, _ findings: FrameViews.Findings, _ views: FrameViews
    ) -> [BoundingBox]? {
        guard let look = following?.look, let view = views[look], case .success(let found)? = findings[view] else {
            return nil
        }
        return following?.follower.places(of: found.toCover, at: frame.time.pts, in: frame.size)
    }
}
