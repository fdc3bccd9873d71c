import Foundation
import Frames
public import Inference
public import Media
public import Scene

/// A face found in a picture that somebody sent.
public struct FoundFace: Sendable {
    /// In pixels of the picture as it was sent.
    public let detection: Detection
    /// `nil` when its points lie as those of no head would.
    public let pose: HeadPose?
    /// From the pixels that were looked at.
    fileprivate let warp: FaceWarp?

    fileprivate init(_ found: Detection, in still: StillPicture) {
        detection = Detection(
            box: still.boxInWhole(found.box), confidence: found.confidence, label: found.label,
            landmarks: found.landmarks?.map(still.pointInWhole))
        (pose, warp) = (found.landmarks.flatMap(HeadPose.init), found.landmarks.flatMap(FaceWarp.init))
    }

    /// As a face sample shows it; `nil` without points to align it by.
    public func sample(in still: StillPicture, _ policy: SnapshotPolicy) throws -> Snapshot? {
        try warp.map { try still.picture.snapshot(policy, aligned: $0) }
    }
    /// `nil` without points to align it by.
    public func quality(in still: StillPicture) throws -> WarpQuality? {
        guard let warp else { return nil }
        return try measure { target in
            var scratch = WarpScratch()
            try warp.draw(still.picture, to: target, using: &scratch)
        }
    }
}

/// Of a picture that is an aligned face itself.
public func warpQuality(of still: StillPicture) throws -> WarpQuality {
    try measure { try still.picture.draw(PixelRect(still.picture.size), to: $0) }
}

private func measure(_ draw: (PixelTarget) throws -> Void) throws -> WarpQuality {
    let side = FaceWarp.side
    // libyuv may touch a few bytes past a row's end.
    return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: side * side * 3 + 64) { pixels in
        pixels.initialize(repeating: 0)
        let target = PixelTarget(
            base: pixels.baseAddress!, bytesPerRow: side * 3, size: PixelSize(width: side, height: side), order: .bgr)
        try draw(target)
        var meter = FaceMeter()
        return meter.measure(target)
    }
}

/// Finds faces and people in single pictures, with the models that streams have. Whatever follows a stream goes first.
public struct PictureLooker: Sendable {
    private let models: any ModelShelf
    /// Whether there is a model that finds faces.
    public let findsFaces: Bool

    public init(models: any ModelShelf, findsFaces: Bool) { (self.models, self.findsFaces) = (models, findsFaces) }

    /// The surest first.
    /// - Parameter box: in pixels of the picture as it was sent; only the face that lies there best is looked for.
    public func faces(in still: StillPicture, at box: BoundingBox? = nil) async throws -> [FoundFace] {
        let model = try await models.model(.faces)
        let threshold = model.thresholds.birth ?? model.thresholds.confidence
        var found: [Detection] = []
        let box = box.map(still.boxInPicture), size = still.picture.size
        for region in box.map({ Self.surroundings(of: $0, in: size) }) ?? Self.looks(at: size) {
            found += try await look(with: model.finder, at: still, region).filter {
                $0.confidence >= threshold && !Self.isCut($0.box, region, size)
            }
        }
        found = nms(found, maximumIoU: model.thresholds.nmsIoU)
        if let box {
            let best = found.max { $0.box.iou(with: box) < $1.box.iou(with: box) }
            found = [best].compactMap(\.self).filter { $0.box.iou(with: box) > Self.leastIoU }
        }
        return found.map { FoundFace($0, in: still) }
    }

    /// The surest first, in pixels of the picture as it was sent. They are looked for once, in the whole of it, as the model's
    /// scores are known for frames.
    public func people(in still: StillPicture) async throws -> [Detection] {
        let model = try await models.model(.people(nil))
        return try await look(with: model.finder, at: still, PixelRect(still.picture.size))
            .filter { $0.confidence >= model.thresholds.confidence }
            .map { Detection(box: still.boxInWhole($0.box), confidence: $0.confidence, label: $0.label) }
    }

    private func look(
        with finder: any ObjectFinder, at still: StillPicture, _ region: PixelRect
    ) async throws -> [Detection] {
        let time = FrameTime(index: 0, pts: .zero, wallClock: .now)
        return try await finder.find(
            in: Frame(time: time, consumers: [], picture: still.picture), region: region, urgency: .batch)
    }

    // MARK: Where to look

    /// Of a face that is said to be at a place.
    private static let leastIoU: Float = 0.1
    /// From so many pixels on a network's input shows a picture much smaller than it is.
    private static let largeSide = 800
    /// Share of a picture's side that one of two parts has: whatever is up to a fifth of the picture lies whole in one of them.
    private static let part = 0.6

    /// The whole picture, where large faces are found, and of a large one four parts, which show small ones larger.
    static func looks(at size: PixelSize) -> [PixelRect] {
        let whole = PixelRect(size)
        guard max(size.width, size.height) > largeSide else { return [whole] }
        func parts(_ side: Int) -> [Range<Int>] {
            guard side > largeSide / 2 else { return [0..<side] }
            let length = Int(Double(side) * part)
            return [0..<length, side - length..<side]
        }
        return [whole]
            + parts(size.height).flatMap { rows in
                parts(size.width).map {
                    PixelRect(x: $0.lowerBound, y: rows.lowerBound, width: $0.count, height: rows.count)
                }
            }
    }
    /// Whether a box ends where a part of the picture does and the picture does not: the rest of it lies in another part.
    private static func isCut(_ box: BoundingBox, _ region: PixelRect, _ size: PixelSize) -> Bool {
        let slack: Float = 1.5
        return region.x > 0 && box.minX < Float(region.x) + slack
            || region.y > 0 && box.minY < Float(region.y) + slack
            || region.x + region.width < size.width && box.maxX > Float(region.x + region.width) - slack
            || region.y + region.height < size.height && box.maxY > Float(region.y + region.height) - slack
    }
    /// Twice as wide and high as the box.
    private static func surroundings(of box: BoundingBox, in size: PixelSize) -> [PixelRect] {
        let (x, y) = (box.width / 2, box.height / 2)
        let left = max(0, Int(box.minX - x)), top = max(0, Int(box.minY - y))
        let right = min(size.width, Int((box.maxX + x).rounded(.up)))
        let bottom = min(size.height, Int((box.maxY + y).rounded(.up)))
        guard left < right, top < bottom else { return [] }
        return [PixelRect(x: left, y: top, width: right - left, height: bottom - top)]
    }
}
