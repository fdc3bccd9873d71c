public import Covering
public import Frames
public import Inference
public import Media
import Records
public import Scene
public import Tracking

/// Finds people and covers them, in single pictures and in videos.
///
/// A video is looked at twice. First everybody is found, in some frames the whole and in others a part (`VideoLooks`); then, when it is known
/// who is where before, between and after the looks, it is covered and written. Nothing but boxes is kept between.
public struct PeopleCoverer: Sendable {
    /// Whom a model finds, and what is covered of him.
    public struct Target: Sendable {
        let model: LoadedModel
        let confidence: Float
        let tracker: TrackerConfiguration
        let isFollowed, isInTiles: Bool
        let shape: Cover.Shape
        let place: @Sendable (BoundingBox) -> BoundingBox

        /// - Parameters:
        ///   - confidence: from which the model is sure.
        ///   - tracker: of those who are followed for events by the same model.
        ///   - isFollowed: whether he is followed through frames in which the model misses him.
        ///   - isInTiles: whether he is looked for in parts of large pictures too.
        ///   - place: what is covered of a box.
        public init(
            _ model: LoadedModel, sureFrom confidence: Float, tracker: TrackerConfiguration, isFollowed: Bool = true,
            isInTiles: Bool = true, shape: Cover.Shape = .box, place: @escaping @Sendable (BoundingBox) -> BoundingBox
        ) {
            (self.model, self.confidence, self.tracker) = (model, confidence, tracker)
            (self.isFollowed, self.isInTiles, self.shape, self.place) = (isFollowed, isInTiles, shape, place)
        }

        fileprivate func look(at frame: Frame) async throws -> [Detection] {
            guard !isInTiles else { return try await model.findInTiles(of: frame) }
            return try await model.finder.find(in: frame, region: PixelRect(frame.size), urgency: .batch)
        }
        /// - Returns: `nil` when it is not this frame's turn.
        fileprivate func look(at frame: Frame, in planned: [PixelRect]) async throws -> [Detection]? {
            let all = Tiling(of: frame.size).regions
            let regions = (isFollowed ? planned : all).filter { isInTiles || $0 == all[0] }
            return regions.isEmpty ? nil : try await model.find(in: regions, of: frame)
        }
    }
    /// Frames that are looked at at once: one model waits for the other's, and both for the decoder. They keep its memory.
    private static let framesAtOnce = 4
    private let targets: [Target]
    private let method: Privacy.Method

    public init(_ targets: [Target], by method: Privacy.Method = .blur) {
        (self.targets, self.method) = (targets, method)
    }

    /// What is covered of one picture.
    public func covers(of frame: Frame) async throws -> [Cover] {
        let found = try await look(at: frame) { try await $0.look(at: frame) }
        return covers(
            zip(targets, found).map { target, found in
                found.filter { $0.confidence >= target.confidence }.map(\.box)
            })
    }

    /// The first look at a video: what is covered of each of its frames.
    /// - Parameter each: called after each frame, with how many the last target was sure of when it last looked.
    /// - Throws: what the source and the models throw; `CancellationError`.
    public func covers(
        of source: any FrameSource, each: (Int) throws -> Void = { _ in }
    ) async throws -> [[Cover]] {
        var sightings: [Sighting] = [], sure = 0
        try await look(at: source) { sighting in
            sightings.append(sighting)
            if let target = targets.last, let found = sighting.found.last.flatMap({ $0 }) {
                sure = found.count { $0.confidence >= target.confidence }
            }
            try each(sure)
        }
        return covers(of: sightings)
    }

    /// What the models found in a frame of a video, by target; `nil` where it was not the frame's turn.
    public struct Sighting: Hashable, Sendable {
        public let time: MediaTime
        public let size: PixelSize
        public let found: [[Detection]?]
        public init(time: MediaTime, size: PixelSize, found: [[Detection]?]) {
            (self.time, self.size, self.found) = (time, size, found)
        }
    }
    /// Looks at the frames of a video behind the first `known`, which were looked at before.
    /// - Throws: `Changed` where it has fewer; what the source, the models and `each` throw; `CancellationError`.
    public func look(
        at source: any FrameSource, after known: Int = 0, each: (Sighting) async throws -> Void
    ) async throws {
        var plan = VideoLooks(frameRate: source.properties.frameRate)
        let count = try await source.forEachInOrder(after: known, atOnce: Self.framesAtOnce) { frame in
            plan.regions(of: Tiling(of: frame.size), in: frame.time.index, at: frame.time.pts)
        } look: { [self] frame, regions in
            try await look(at: frame) { try await $0.look(at: frame, in: regions) }
        } body: { frame, found in
            try await each(Sighting(time: frame.pts, size: frame.size, found: found.map { $0?.map(\.place) }))
        }
        guard count >= known else { throw Changed() }
    }
    /// What is covered of each frame, of a video that was looked at whole.
    public func covers(of sightings: [Sighting]) -> [[Cover]] {
        let places = targets.enumerated().map { index, target -> [[BoundingBox]] in
            guard target.isFollowed else {
                return sightings.map { sighting in
                    (sighting.found[index] ?? []).filter { $0.confidence >= target.confidence }.map(\.box)
                }
            }
            // Where somebody was in pixels of another size is nowhere in these.
            return sightings.bySize.flatMap { sightings -> [[BoundingBox]] in
                var trails = CoverTrails(
                    target.tracker, sureFrom: target.confidence,
                    coveredFrom: min(target.confidence, target.model.thresholds.cover)
                ) { ByteTracker(configuration: $0) }
                for sighting in sightings { trails.add(sighting.found[index], at: sighting.time, in: sighting.size) }
                return trails.places()
            }
        }
        return sightings.indices.map { frame in covers(places.map { $0[frame] }) }
    }

    /// The second look: writes each frame with what is covered of it.
    /// - Parameter each: called after each frame.
    /// - Throws: `Changed`; what the source and the writer throw; `CancellationError`.
    public func write(
        _ covers: [[Cover]], from source: any FrameSource, to writer: VideoWriter,
        each: (FrameTime, [BoundingBox]) throws -> Void = { _, _ in }
    ) async throws {
        try await show(covers, from: source) { frame, here in
            try writer.write(frame, overlays: [])
            try each(frame.time, here.flatMap(\.places))
        }
    }
    /// The same for whoever writes it himself.
    /// - Parameter each: is given each frame with what is covered of it, and that.
    /// - Throws: `Changed`; what the source and `each` throw; `CancellationError`.
    public func show(
        _ covers: [[Cover]], from source: any FrameSource, each: (Frame, [Cover]) async throws -> Void
    ) async throws {
        var count = 0
        while let frame = try await source.next() {
            try Task.checkCancellation()
            // What nobody looked at is shown to nobody.
            guard count < covers.count else { throw Changed() }
            let here = covers[count]
            count += 1
            try await each(frame.under(here), here)
        }
        guard count == covers.count else { throw Changed() }
    }

    /// A video had other frames when it was looked at again.
    public struct Changed: Error, Hashable, Sendable, CustomStringConvertible {
        public let description = "The video has changed while it was being covered; what was written is not whole."
    }

    /// What each target's model finds, in their order.
    private func look<Found: Sendable>(
        at frame: Frame, _ look: @escaping @Sendable (Target) async throws -> Found
    ) async throws -> [Found] {
        try await withThrowingTaskGroup(of: (Int, Found).self) { group in
            for (index, target) in targets.enumerated() { group.addTask { (index, try await look(target)) } }
            var found: [Int: Found] = [:]
            for try await (index, one) in group { found[index] = one }
            return targets.indices.compactMap { found[$0] }
        }
    }

    private func covers(_ boxes: [[BoundingBox]]) -> [Cover] {
        [Cover.Shape.box, .ellipse].compactMap { shape in
            let places = zip(targets, boxes).flatMap { target, boxes in
                target.shape == shape ? boxes.map(target.place) : []
            }
            guard !places.isEmpty else { return nil }
            // An ellipse may reach out of another whose box holds its own.
            var known: Set<BoundingBox> = []
            let needed = shape == .box ? places.outermost : places.filter { known.insert($0).inserted }
            return Cover(needed, by: method, shape: shape)
        }
    }
}

extension [PeopleCoverer.Sighting] {
    /// Each run of frames of one size.
    fileprivate var bySize: [ArraySlice<PeopleCoverer.Sighting>] {
        let changes = indices.dropFirst().filter { self[$0].size != self[$0 - 1].size }
        return zip([startIndex] + changes, changes + [endIndex]).map { self[$0..<$1] }
    }
}

extension Frame {
    /// The frame as those may see it from whom `covers` hide something.
    public func under(_ covers: [Cover]) -> Frame {
        let picture = covers.reduce(picture) { picture, cover in CoveredPicture(picture, cover) }
        return Frame(time: time, consumers: consumers, picture: picture)
    }
}

extension Detection {
    /// Without points, which nothing is covered by.
    fileprivate var place: Detection { Detection(box: box, confidence: confidence, label: label) }
}
