import CFFmpeg
public import Frames
public import Scene

/// What is wanted of a picture that somebody sent and that is to be looked at.
public struct StillWishes: Codable, Hashable, Sendable {
    /// A picture with more is refused.
    public var maximumPixels: Int
    /// A picture of which a side is longer is shrunk, so that nobody's picture takes more memory than that.
    public var longestSide: Int
    /// Whether it is turned as its EXIF says. TIFF is not.
    public var isTurned: Bool
    /// Whether the rest of its EXIF is read.
    public var readsEXIF: Bool
    public init(maximumPixels: Int, longestSide: Int = 4096, isTurned: Bool = true, readsEXIF: Bool = false) {
        (self.maximumPixels, self.longestSide) = (maximumPixels, longestSide)
        (self.isTurned, self.readsEXIF) = (isTurned, readsEXIF)
    }

    /// Bytes that its pixels take at most, wherever it is decoded.
    package var roomForPixels: Int {
        let pixels = min(maximumPixels, longestSide * longestSide)
        // Rows begin at whole steps, and there is no picture that has more rows than pixels.
        return pixels * 3 + 64 * min(pixels, longestSide) + PictureMemory.overhang
    }
}

/// A picture that somebody sent, ready to be looked at.
public struct StillPicture: Sendable {
    /// Its pixels, shrunk where it is large.
    public let picture: any Picture
    /// As it was sent, turned.
    public let size: PixelSize
    /// `nil`: not asked for.
    public let exif: EXIF?
    package init(picture: any Picture, size: PixelSize, exif: EXIF?) {
        (self.picture, self.size, self.exif) = (picture, size, exif)
    }

    /// A place in the picture as it was sent, for one in `picture`.
    public func pointInWhole(_ point: Point) -> Point {
        Point(x: point.x * factor(\.width), y: point.y * factor(\.height))
    }
    public func boxInWhole(_ box: BoundingBox) -> BoundingBox {
        let (low, high) = (
            pointInWhole(Point(x: box.minX, y: box.minY)), pointInWhole(Point(x: box.maxX, y: box.maxY))
        )
        return BoundingBox(minX: low.x, minY: low.y, maxX: high.x, maxY: high.y)
    }
    /// The other way round.
    public func boxInPicture(_ box: BoundingBox) -> BoundingBox {
        let (x, y) = (factor(\.width), factor(\.height))
        return BoundingBox(minX: box.minX / x, minY: box.minY / y, maxX: box.maxX / x, maxY: box.maxY / y)
    }
    private func factor(_ side: KeyPath<PixelSize, Int>) -> Float {
        Float(size[keyPath: side]) / Float(picture.size[keyPath: side])
    }
}

/// What is told of a picture whose pixels lie in memory: packed, blue first. Where a process apart tells it, all may be wrong.
package struct StillSheet: Codable, Sendable {
    /// As it was sent, turned; and of the pixels.
    var whole, size: PixelSize
    var bytesPerRow: Int
    var exif: EXIF?

    /// - Parameter memory: read as long as the picture is there, and then given to `release`.
    /// - Returns: `nil` when what is told cannot be true; then `release` is not called.
    package func picture(
        in memory: UnsafeMutableRawBufferPointer, _ wishes: StillWishes, release: @escaping @Sendable () -> Void
    ) -> StillPicture? {
        let sides = [whole.width, whole.height, size.width, size.height]
        guard sides.allSatisfy({ (1...wishes.maximumPixels).contains($0) }),
            whole.width * whole.height <= wishes.maximumPixels, size.width <= wishes.longestSide,
            size.height <= wishes.longestSide, bytesPerRow >= size.width * 3, bytesPerRow < 1 << 28,
            bytesPerRow * size.height + PictureMemory.overhang <= memory.count
        else { return nil }
        let frame = StillFrame.make(memory, size, bytesPerRow: bytesPerRow)
        return StillPicture(
            picture: DecodedPicture(
                frame, Presentation(size, aspect: .square, orientation: .identity), keeper: StillFrame(release),
                scratch: ScratchPool()),
            size: whole, exif: exif)
    }
}

/// Lets go of the memory of one picture.
private final class StillFrame: FrameKeeper {
    private let release: @Sendable () -> Void
    init(_ release: @escaping @Sendable () -> Void) { self.release = release }

    static func make(
        _ memory: UnsafeMutableRawBufferPointer, _ size: PixelSize, bytesPerRow: Int
    ) -> UnsafeMutablePointer<AVFrame> {
        guard let frame = av_frame_alloc() else { fatalError("av_frame_alloc: out of memory") }
        frame.pointee.format = AV_PIX_FMT_BGR24.rawValue
        (frame.pointee.width, frame.pointee.height) = (Int32(size.width), Int32(size.height))
        frame.setPlane(0, memory.baseAddress!.assumingMemoryBound(to: UInt8.self), Int32(bytesPerRow))
        frame.pointee.extended_data = frame.planes
        return frame
    }
    func giveBack(_ frame: UnsafeMutablePointer<AVFrame>) {
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        av_frame_free(&frame)
        release()
    }
}

extension StillWork {
    /// Decodes a picture into `memory`, which has the room that `wishes` say.
    package static func paint(
        _ bytes: [UInt8], _ wishes: StillWishes, into memory: UnsafeMutableRawBufferPointer
    ) throws(MediaError) -> StillSheet {
        let still = try Still(bytes, maximumPixels: wishes.maximumPixels)
        let exif = still.exif
        let picture = try still.picture(orientation: wishes.isTurned ? still.orientation : .identity)
        let size = DecodedPicture.size(of: picture.size, within: wishes.longestSide)
        let bytesPerRow = Scratch.aligned(size.width * 3)
        guard bytesPerRow * size.height + PictureMemory.overhang <= memory.count else {
            throw .tooManyPixels(picture.size, limit: wishes.maximumPixels)
        }
        try picture.paint(
            PixelTarget(
                base: memory.baseAddress!.assumingMemoryBound(to: UInt8.self), bytesPerRow: bytesPerRow, size: size,
                order: .bgr))
        return StillSheet(
            whole: picture.size, size: size, bytesPerRow: bytesPerRow, exif: wishes.readsEXIF ? exif : nil)
    }

    /// The same in memory of this process.
    package static func open(_ bytes: [UInt8], _ wishes: StillWishes) throws(MediaError) -> StillPicture {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: wishes.roomForPixels, alignment: 64)
        let release = Release(memory)
        let picture = try paint(bytes, wishes, into: memory).picture(in: memory, wishes) { release.keep() }
        guard let picture else { preconditionFailure("a picture is told as it lies") }
        return picture
    }
    /// Frees memory with itself.
    ///
    /// `@unchecked Sendable` holds because only the last holder touches it.
    private final class Release: @unchecked Sendable {
        private let memory: UnsafeMutableRawBufferPointer
        init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }
        deinit { memory.deallocate() }
        func keep() {}
    }
}

extension DecodedPicture {
    /// All of it.
    fileprivate func paint(_ target: PixelTarget) throws(MediaError) {
        try withScratch { scratch throws(MediaError) in
            try Drawing(frame, scratch: scratch).draw(PixelRect(size), presentation, to: target)
        }
    }
}
