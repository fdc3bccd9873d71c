import Foundation
public import Frames
public import Inference
public import Media
public import Records
public import Scene
import Tracking

/// A face found in a picture that somebody sent.
public struct FoundFace: Sendable {
    /// In pixels of the picture as it was sent.
    public let detection: Detection
    /// `nil` when its points lie as those of no head would.
    public let pose: HeadPose?
    /// From the pixels that were looked at.
    private let warp: FaceWarp?
    let estimated: FaceEstimation.Face

    fileprivate init(_ found: Detection, in still: StillPicture) {
        detection = Detection(
            box: still.boxInWhole(found.box), confidence: found.confidence, label: found.label,
            landmarks: found.landmarks?.map(still.pointInWhole))
        estimated = FaceEstimation.Face(found)
        (pose, warp) = (found.landmarks.flatMap(HeadPose.init), found.landmarks.flatMap(FaceWarp.init))
    }

    /// As a face sample shows it; `nil` without points to align it by.
    public func sample(in still: StillPicture, _ policy: SnapshotPolicy) throws -> Snapshot? {
        try warp.map { try still.picture.snapshot(policy, aligned: $0) }
    }
    /// `nil` without points to align it by.
    public func quality(in still: StillPicture) throws -> WarpQuality? {
        try warp.map { try FaceBench().measure($0, in: still.picture) }
    }
    /// How it is lit as a portrait; `nil` without points to align it by.
    func light(in still: StillPicture) throws -> PortraitLight? {
        try warp.map { try FaceBench().portrait($0, in: still.picture) }
    }
}

/// Of a picture that is an aligned face itself.
public func warpQuality(of still: StillPicture) throws -> WarpQuality {
    try FaceBench().measure(aligned: still.picture)
}

extension [Detection] {
    /// Of what has its middle where something is said to be, however roughly, or has the middle of that place in it, that which lies
    /// there best.
    public func best(at place: BoundingBox) -> Detection? {
        filter { place.contains($0.box.center) || $0.box.contains(place.center) }
            .max { $0.box.iou(with: place) < $1.box.iou(with: place) }
    }
}

extension BoundingBox {
    fileprivate func contains(_ point: Point) -> Bool {
        minX <= point.x && point.x <= maxX && minY <= point.y && point.y <= maxY
    }
}

/// Finds faces and people in single pictures, with the models that streams have, and says what else they show. Whatever follows a stream goes
/// first.
public struct PictureLooker: Sendable {
    let models: RecentModels
    /// Whether there is a model that finds faces.
    public let findsFaces: Bool
    /// Whether there is a model that says what the thing in a picture is.
    public let namesThings: Bool
    /// Whether there is a model that says what faces look like.
    public let describesFaces: Bool
    private let findsFacePoints: Bool
    /// What can be estimated of faces.
    public let estimable: FaceEstimateSet

    /// - Parameters:
    ///   - findsFacePoints: whether there is a model that says where the points of a known face are. That which finds faces hardly sees that
    ///     one is tilted.
    ///   - classifiers: `nil` where there is no model that classifies.
    ///   - describers: `nil` where there is no model that says what faces look like.
    ///   - estimators: `nil` where there is no model that estimates anything of faces.
    ///   - hold: for how long models are kept after the latest look.
    public init(
        models: any ModelShelf, findsFaces: Bool, findsFacePoints: Bool = false,
        classifiers: (any ClassifierShelf)? = nil, describers: (any DescriberShelf)? = nil,
        estimators: (any EstimatorShelf)? = nil, hold: Duration = .seconds(60)
    ) {
        self.models = RecentModels(
            models, classifiers: classifiers, describers: describers, estimators: estimators, for: hold)
        estimable = FaceEstimateSet(of: estimators?.estimators ?? [])
        describesFaces = describers != nil
        (self.findsFaces, namesThings) = (findsFaces, classifiers != nil)
        self.findsFacePoints = findsFacePoints
    }

    /// A model that is held as long as those of single pictures are.
    public func model(_ choice: ModelChoice) async throws -> LoadedModel { try await models.model(choice) }

    /// The surest first.
    /// - Parameter box: in pixels of the picture as it was sent; only the face that lies there best is looked for.
    public func faces(in still: StillPicture, at box: BoundingBox? = nil) async throws -> [FoundFace] {
        let model = try await models.model(.faces)
        let threshold = model.thresholds.birth ?? model.thresholds.confidence
        let box = box.map(still.boxInPicture), frame = Self.frame(of: still)
        var region: PixelRect?
        if let box {
            region = Self.surroundings(of: box, in: frame.size)
            if region == nil { return [] }
        }
        func look(_ region: PixelRect?) async throws -> [Detection] {
            try await model.findInTiles(of: frame, only: region).filter { $0.confidence >= threshold }
        }
        guard let box else { return try await withPoints(look(nil), in: frame).map { FoundFace($0, in: still) } }
        var found = try await look(region).best(at: box)
        // A small box in a face says nothing of how large that is.
        if found == nil { found = try await look(nil).best(at: box) }
        return try await withPoints([found].compactMap(\.self), in: frame).map { FoundFace($0, in: still) }
    }

    /// The same faces with the points that a closer look at each shows.
    private func withPoints(_ faces: [Detection], in frame: Frame) async throws -> [Detection] {
        guard findsFacePoints, !faces.isEmpty else { return faces }
        let model = try await models.model(.facePoints)
        var told: [Detection] = []
        for var face in faces {
            if let points = try await model.points(of: face.box, in: frame, urgency: .batch) { face.landmarks = points }
            told.append(face)
        }
        return told
    }

    /// People in a picture, in pixels of it as it was sent.
    public struct FoundPeople: Sendable {
        /// Of whom the model is sure, the surest first.
        public let bodies: [Detection]
        /// Who is counted: they, and those who are to be expected beside them.
        public let counted: [Headcount.Person]
    }
    /// They are looked for once, in the whole of it, as the model's scores are known for frames.
    public func people(in still: StillPicture) async throws -> FoundPeople {
        let model = try await models.model(.people(nil)), size = still.picture.size
        let found = try await find(in: still, model)
        let headcount = Census.count(
            inPicture: found, expectation: model.counting?.expectation(of: found, in: size),
            confidence: model.thresholds.confidence)
        return FoundPeople(
            bodies: found.filter { $0.confidence >= model.thresholds.confidence }.map(still.inWhole),
            counted: headcount.people.map { person in
                Headcount.Person(box: still.boxInWhole(person.box), confidence: person.confidence)
            })
    }
    /// From the card's own least score on, in pixels that were looked at.
    private func find(in still: StillPicture, _ model: LoadedModel) async throws -> [Detection] {
        let region = PixelRect(still.picture.size), frame = Self.frame(of: still)
        if var look = TiledLook(model, of: region) { return try await look.find(in: frame, urgency: .batch).detections }
        return try await model.finder.find(in: frame, region: region, urgency: .batch)
            .filter { $0.confidence >= model.thresholds.candidate }
    }

    /// The surest first, with how likely each is a person, as far as the model's card says what its scores mean.
    /// - Parameters:
    ///   - choice: `nil`: the model of the settings.
    ///   - least: how likely they are at least.
    public func likelyPeople(
        in still: StillPicture, with choice: DetectorModel? = nil, from least: Float
    ) async throws -> [Detection] {
        let model = try await models.model(.people(choice))
        return try await find(in: still, model).compactMap { found in
            var person = still.inWhole(found)
            person.confidence = model.thresholds.likelihood(of: person.confidence)
            return person.confidence >= least ? person : nil
        }
    }

    /// What the picture as a whole shows; `nil` where there is no model for it.
    public func things(in still: StillPicture) async throws -> SeenThings? {
        guard let model = try await models.classifier() else { return nil }
        return SeenThings(
            probabilities: try await model.classifier.classify(
                Self.frame(of: still), region: PixelRect(still.picture.size), urgency: .batch),
            taxonomy: model.taxonomy)
    }

    /// What a picture that is an aligned face looks like; `nil` where there is no model for it, or it gives no descriptor.
    public func descriptor(ofWarp still: StillPicture) async throws -> Descriptor? {
        guard let model = try await models.describer() else { return nil }
        return try await model.describer.describe(
            Self.frame(of: still), region: FaceWarp.templateRegion, urgency: .batch)
    }

    public static func frame(of still: StillPicture) -> Frame {
        Frame(time: FrameTime(index: 0, pts: .zero, wallClock: .now), consumers: [], picture: still.picture)
    }
    /// Twice as wide and high as the box.
    private static func surroundings(of box: BoundingBox, in size: PixelSize) -> PixelRect? {
        let (x, y) = (box.width / 2, box.height / 2)
        return PixelRect(
            touchedBy: BoundingBox(minX: box.minX - x, minY: box.minY - y, maxX: box.maxX + x, maxY: box.maxY + y),
            in: size)
    }
}

extension StillPicture {
    /// In pixels of the picture as it was sent.
    fileprivate func inWhole(_ found: Detection) -> Detection {
        Detection(box: boxInWhole(found.box), confidence: found.confidence, label: found.label)
    }
}
