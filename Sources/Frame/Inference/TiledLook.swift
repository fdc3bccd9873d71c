public import Frames
public import Scene

/// Looks at one region of frame after frame as a model does that looks in tiles: at the whole, and at parts in the frame's own resolution.
///
/// A part that looks as it did when it was last looked at keeps what was found there, for so long as `patience` says: what differs by more
/// than noise somewhere is looked at again. Parts that lie outside of where anything counts are not looked at.
public struct TiledLook: Sendable {
    /// What was found in a frame.
    public struct Found: Sendable {
        /// Each once, the surest first.
        public let detections: [Detection]
        /// How likely each is somebody, as the look says that has found it, in whose scale and company it is; `nil` for a model that does not
        /// say what its scores mean.
        public let likelihoods: [Float]?
    }

    /// After that much time a part is looked at again though nothing has changed: whom a network missed it may find in other noise.
    static let patience = Duration.seconds(5)
    /// Pixels a side over which a picture is averaged to be compared: the smallest people that are found are about that wide.
    static let cell = 8
    /// What a component of such a mean differs by at most without a change, of 255. The noise of a camera in the dark, 8 levels at each
    /// pixel, moves the difference of two of them by 1.4; who stands out from the ground by 25 changes it by 6 where he fills a quarter.
    static let tolerance: UInt8 = 6
    /// Boxes that two looks have found and that overlap by more than this are of one thing: they lie less exactly than those of one look.
    static let sameOverlap: Float = 0.45
    /// Somebody must be found in so many looks at a part before it keeps them: noise that one look takes for somebody the next does not.
    package static let settling = 3
    /// Of what all parts have found so many are told, the surest.
    private static let limit = 1000
    /// Parts that are looked at at once.
    private static let atOnce = 4

    private struct Sighting: Sendable {
        let detection: Detection
        let likelihood: Float
        let region: Int
    }
    /// What is known of a region.
    private struct Known: Sendable {
        /// Where it lies in the small picture.
        let columns, rows: Range<Int>
        /// When it was last looked at.
        var pts: MediaTime?
        /// How it looked then: its part of the small picture.
        var appearance: [UInt8]
        var found: [Sighting] = []
        /// Since it has changed, or was not looked at for so long.
        var looks = 0
    }

    private let model: LoadedModel
    private let tiling: Tiling
    /// Those of the tiling's regions that are looked at.
    private let wanted: [Int]
    private var known: [Known]
    /// The latest frame, a pixel for each cell.
    private var picture: [UInt8]
    private let small: PixelSize

    /// - Parameters:
    ///   - region: of the frame; all of it in every frame.
    ///   - zone: where anything counts; `nil`: in all of the region.
    /// - Returns: `nil` for a model that does not look in tiles.
    public init?(_ model: LoadedModel, of region: PixelRect, only zone: Zone? = nil) {
        guard let tile = model.tile else { return nil }
        self.model = model
        let tiling = Tiling(of: region, in: tile)
        self.tiling = tiling
        wanted = tiling.regions.indices.filter { $0 == 0 || zone?.touches(tiling.regions[$0]) ?? true }
        let small = PixelSize(
            width: max(1, region.width / Self.cell), height: max(1, region.height / Self.cell))
        self.small = small
        picture = [UInt8](repeating: 0, count: small.width * small.height * 3)
        known = tiling.regions.map { part in
            func cells(_ start: Int, _ length: Int, of side: Int, _ count: Int) -> Range<Int> {
                start * count / side..<((start + length) * count + side - 1) / side
            }
            let columns = cells(part.x - region.x, part.width, of: region.width, small.width)
            let rows = cells(part.y - region.y, part.height, of: region.height, small.height)
            return Known(
                columns: columns, rows: rows, appearance: [UInt8](repeating: 0, count: columns.count * rows.count * 3))
        }
    }

    /// Looks at the next frame.
    /// - Throws: what the finder throws.
    public mutating func find(in frame: Frame, urgency: Urgency) async throws -> Found {
        try see(frame)
        var due: [Int] = []
        for index in wanted where isDue(index, at: frame.time.pts) { due.append(index) }
        let (finder, regions) = (model.finder, tiling.regions)
        let found = try await withThrowingTaskGroup(of: (Int, [Detection]).self) { group in
            var found: [(Int, [Detection])] = []
            for (count, index) in due.enumerated() {
                if count >= Self.atOnce, let one = try await group.next() { found.append(one) }
                group.addTask {
                    (index, try await finder.find(in: frame, region: regions[index], urgency: urgency))
                }
            }
            for try await one in group { found.append(one) }
            return found
        }
        for (index, detections) in found { keep(detections, of: index, at: frame.time.pts) }
        return merged()
    }

    // MARK: What has changed

    private mutating func see(_ frame: Frame) throws {
        let (region, small) = (tiling.regions[0], small)
        try picture.withUnsafeMutableBufferPointer { pixels in
            try frame.picture.draw(
                region,
                to: PixelTarget(base: pixels.baseAddress!, bytesPerRow: small.width * 3, size: small, order: .bgr))
        }
    }

    private mutating func isDue(_ index: Int, at pts: MediaTime) -> Bool {
        if let latest = known[index].pts, pts >= latest, pts - latest < Self.patience, !hasChanged(index) {
            return !known[index].found.isEmpty && known[index].looks < Self.settling
        }
        known[index].looks = 0
        return true
    }
    private func hasChanged(_ index: Int) -> Bool {
        known[index].appearance.withUnsafeBufferPointer { known in
            picture.withUnsafeBufferPointer { picture in
                rows(of: index).contains { own, shown in
                    zip(known[own], picture[shown]).contains { max($0, $1) - min($0, $1) > Self.tolerance }
                }
            }
        }
    }

    /// Where the rows of a region lie, in its own part of the small picture and in all of it.
    private func rows(of index: Int) -> some Sequence<(own: Range<Int>, shown: Range<Int>)> {
        let (columns, rows, width) = (known[index].columns, known[index].rows, small.width)
        return rows.lazy.map { row in
            let own = (row - rows.lowerBound) * columns.count * 3, shown = (row * width + columns.lowerBound) * 3
            return (own..<own + columns.count * 3, shown..<shown + columns.count * 3)
        }
    }

    // MARK: What was found

    private mutating func keep(_ detections: [Detection], of index: Int, at pts: MediaTime) {
        let region = tiling.regions[index], thresholds = model.thresholds
        let usable = detections.filter { $0.confidence >= thresholds.candidate }
        let likelihoods = model.counting?.likelihoods(
            of: usable, in: PixelSize(width: region.width, height: region.height))
        known[index].found = usable.indices.compactMap { place in
            let one = usable[place]
            // Of those of whom no look is sure each tells where the others do not: the same noise would add up.
            guard tiling.isWhole(one.box, in: region),
                one.confidence >= thresholds.confidence || tiling.isOwn(one.box, in: index)
            else { return nil }
            return Sighting(detection: one, likelihood: likelihoods?[place] ?? 0, region: index)
        }
        known[index].pts = pts
        known[index].looks += 1
        for (own, shown) in rows(of: index) {
            for byte in 0..<own.count {
                known[index].appearance[own.lowerBound + byte] = picture[shown.lowerBound + byte]
            }
        }
    }

    /// What all of them have found, each thing once.
    private func merged() -> Found {
        var kept: [Sighting] = []
        for one in wanted.flatMap({ known[$0].found }).sorted(by: { $0.detection.confidence > $1.detection.confidence })
        where !kept.contains(where: { isSame($0, one) }) {
            kept.append(one)
            if kept.count == Self.limit { break }
        }
        return Found(
            detections: kept.map(\.detection), likelihoods: model.counting == nil ? nil : kept.map(\.likelihood))
    }
    private func isSame(_ a: Sighting, _ b: Sighting) -> Bool {
        let overlap = a.detection.box.iou(with: b.detection.box)
        return overlap
            > (a.region == b.region ? model.thresholds.nmsIoU : min(Self.sameOverlap, model.thresholds.nmsIoU))
    }
}
