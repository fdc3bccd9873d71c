import Frames
import Inference
import Records
import Scene
import Tracking

/// What a plan's looks come to in frames of one size. Looks whose regions come to the same pixels share a view.
struct FrameViews: Sendable {
    /// What was found in one view of a frame.
    struct Found: Sendable {
        /// Also those that are for nothing but hiding people.
        let toCover: [Detection]
        /// Also the unsure ones, which are for trackers only.
        let detections: [Detection]
        /// Those that the model is sure of.
        let people: [Detection]
        /// How likely each of `detections` is somebody, where that is for the looks to say that found them.
        let likelihoods: [Float]?

        init(_ detections: [Detection], _ thresholds: ModelCard.Thresholds, likelihoods: [Float]? = nil) {
            toCover = detections
            self.detections = detections.filter { $0.confidence >= thresholds.candidate }
            self.likelihoods = likelihoods.map { all in
                zip(detections, all).filter { $0.0.confidence >= thresholds.candidate }.map(\.1)
            }
            people = detections.filter { $0.confidence >= thresholds.confidence }
        }
        /// As a look has it, which may ask for another confidence than the model's own.
        func seen(by look: Plan.Look) -> Self {
            look.confidence == nil ? self : Self(toCover, look.thresholds)
        }
    }
    /// By view; `nil` where nobody wanted to look.
    typealias Findings = [Result<Found, any Error>?]

    fileprivate struct View: Sendable {
        let model: LoadedModel
        let region: PixelRect
        /// Looks that take it.
        var looks: [Int]
    }
    /// What a model that can look at squares has too many of: that many cost as much as a look at all of the region.
    static let squareLimit = 8
    /// How wide a square around a face is, in heights of the face.
    private static let squareHeights: Float = 4
    /// A face that is found overlaps the place where it was before by at least this.
    private static let sameFaceOverlap: Float = 0.3
    let size: PixelSize
    private let views: [View]
    /// By look; `nil` when its region reaches beyond the frame.
    private var viewOfLook: [Int?] = []
    /// Looks that show different things: the first of those that take the same view and ask for the same confidence.
    let distinct: [Int]
    /// The views whose models can look at squares, with the looks that take them.
    let withSquares: [(view: Int, looks: [Int])]
    /// The views whose models look in tiles, which have seen nothing yet.
    let inTiles: [Int: TiledLook]

    init(_ plan: Plan, in size: PixelSize) {
        let looks = plan.looks
        self.size = size
        var views: [View] = []
        for (index, look) in looks.enumerated() {
            guard let region = look.roi.map({ $0.resolved(in: size) }) ?? PixelRect(size) else {
                viewOfLook.append(nil)
                continue
            }
            let known = views.firstIndex { $0.model === look.model && $0.region == region }
            if known == nil { views.append(View(model: look.model, region: region, looks: [])) }
            let view = known ?? views.count - 1
            views[view].looks.append(index)
            viewOfLook.append(view)
        }
        self.views = views
        distinct = looks.indices.filter { [viewOfLook] look in
            !looks[..<look].indices.contains {
                viewOfLook[$0] == viewOfLook[look] && looks[$0].confidence == looks[look].confidence
            }
        }
        withSquares = views.indices.filter { views[$0].model.squares != nil }.map { ($0, views[$0].looks) }
        var inTiles: [Int: TiledLook] = [:]
        for (index, view) in views.enumerated() {
            inTiles[index] = TiledLook(
                view.model, of: view.region, only: plan.zone(countedBy: view.looks, in: size))
        }
        self.inTiles = inTiles
    }

    /// The views that say what to cover, as bits.
    func ofCovers(_ plan: Plan) -> UInt64 {
        var views: UInt64 = 0
        for look in plan.covers.looks { if let view = viewOfLook[look] { views |= 1 << UInt64(view) } }
        return views
    }

    /// The view that a look takes, for a look that was wanted.
    subscript(look: Int) -> Int? { viewOfLook[look] }

    /// The views that the consumers of a frame want, and those that say what to cover in it, as bits.
    /// - Throws: `PipelineError` when the region of one of them is not inside the frame.
    func wanted(in frame: Frame, by plan: Plan) throws(PipelineError) -> UInt64 {
        var wanted: UInt64 = 0
        for index in plan.consumers.indices where frame.consumers.contains(ConsumerSet(index: index)) {
            guard let view = viewOfLook[plan.consumers[index].look] else {
                throw .invalidRectangle(
                    analytic: plan.consumers[index].origin.name, frame: "\(size.width)×\(size.height)")
            }
            wanted |= 1 << UInt64(view)
        }
        return wanted | ofCovers(plan)
    }

    /// Takes the wanted views of a frame, one after the other.
    func find(in frame: Frame, wanted: UInt64, urgency: Urgency) async -> Findings {
        var findings = Findings(repeating: nil, count: views.count)
        for index in views.indices where wanted & (1 << UInt64(index)) != 0 {
            findings[index] = await views[index].find(in: frame, urgency)
        }
        return findings
    }

    /// Looks at a view in tiles.
    /// - Parameter look: of `inTiles`, as the frame before has left it.
    func find(
        _ view: Int, in frame: Frame, with look: inout TiledLook, urgency: Urgency
    ) async -> Result<Found, any Error> {
        do {
            let found = try await look.find(in: frame, urgency: urgency)
            let thresholds = views[view].model.thresholds
            return .success(Found(found.detections, thresholds, likelihoods: found.likelihoods))
        } catch {
            return .failure(error)
        }
    }

    /// Looks closely wherever somebody is known to be and was not found. Where that fails, what the whole view has shown stays.
    /// - Parameters:
    ///   - finding: of the whole view; `nil` when that was not taken.
    ///   - known: faces as the frame before has shown them.
    func complete(
        _ view: Int, _ finding: Result<Found, any Error>?, known: [BoundingBox], in frame: Frame, urgency: Urgency
    ) async -> Result<Found, any Error> {
        let view = views[view]
        do {
            let whole = try finding?.get()
            var found = whole?.toCover ?? []
            let missed = known.filter { box in
                !(whole?.detections ?? []).contains { $0.box.iou(with: box) >= Self.sameFaceOverlap }
            }
            if finding == nil, missed.count > Self.squareLimit { return await view.find(in: frame, urgency) }
            let squares = missed.prefix(Self.squareLimit).map {
                PixelRect(square: $0.center, side: Self.squareHeights * $0.height)
            }
            if !squares.isEmpty, let finder = view.model.squares {
                found += try await finder.find(in: frame, squares: squares, region: view.region, urgency: urgency)
                found = nms(found, maximumIoU: view.model.thresholds.nmsIoU)
            }
            return .success(view.found(found))
        } catch {
            return finding ?? .failure(error)
        }
    }

    /// The faces of those whose bodies are at these places.
    /// - Parameter look: by which the bodies were found.
    func faces(
        of bodies: [BoundingBox], look: Int, with model: LoadedModel, in frame: Frame, urgency: Urgency
    ) async throws -> [Detection] {
        guard let view = viewOfLook[look], !bodies.isEmpty else { return [] }
        let region = views[view].region
        guard let finder = model.squares, bodies.count <= Self.squareLimit else {
            return try await model.finder.find(in: frame, region: region, urgency: urgency)
        }
        let squares = bodies.map { body in
            let square = FaceJoin.headAndShoulders(of: body)
            return PixelRect(square: square.center, side: square.height)
        }
        return try await finder.find(in: frame, squares: squares, region: region, urgency: urgency)
    }
}

extension FrameViews.View {
    fileprivate func find(in frame: Frame, _ urgency: Urgency) async -> Result<FrameViews.Found, any Error> {
        do {
            return .success(found(try await model.finder.find(in: frame, region: region, urgency: urgency)))
        } catch {
            return .failure(error)
        }
    }
    fileprivate func found(_ detections: [Detection]) -> FrameViews.Found {
        FrameViews.Found(detections, model.thresholds)
    }
}

extension PixelRect {
    /// Around a point; may reach beyond any frame.
    fileprivate init(square center: Point, side: Float) {
        func whole(_ value: Float) -> Int { value.isFinite ? Int(min(max(value, -65_536), 65_536).rounded()) : 0 }
        let length = max(8, whole(side))
        self.init(
            x: whole(center.x - side / 2), y: whole(center.y - side / 2), width: length, height: length)
    }
}
