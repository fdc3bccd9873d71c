import CFFmpeg
import Scene

/// How wide a stored pixel is for its height.
struct SampleAspect: Hashable {
    let width, height: Int

    static let square = SampleAspect(width: 1, height: 1)

    /// No camera has pixels more than so many times as wide as high, or as high as wide.
    static let largestRatio = 4

    /// `nil` when the ratio says nothing or is beyond any real one.
    init?(_ width: Int32, to height: Int32) {
        guard width > 0, height > 0 else { return nil }
        let (width, height) = (Int(width), Int(height))
        guard max(width, height) <= Self.largestRatio * min(width, height) else { return nil }
        self.init(width: width, height: height)
    }
    init(width: Int, height: Int) { (self.width, self.height) = (width, height) }

    /// A picture with square pixels of the same proportions. One side grows and the other stays, so that no detail is lost
    /// and the size is the one that browsers tell of the video.
    /// Source: HTML Living Standard, "natural width and natural height" of a media resource.
    func stretched(_ size: PixelSize) -> PixelSize {
        if width > height { return PixelSize(width: (size.width * width + height / 2) / height, height: size.height) }
        return PixelSize(width: size.width, height: (size.height * height + width / 2) / width)
    }
}

/// How a stored picture is shown: stretched to its proportions, then turned. Nothing is drawn for it; it only converts
/// coordinates.
struct Presentation: Hashable {
    let storedSize: PixelSize
    /// Stretched, not yet turned.
    let uprightSize: PixelSize
    let orientation: Orientation

    init(_ storedSize: PixelSize, aspect: SampleAspect, orientation: Orientation) {
        (self.storedSize, self.orientation) = (storedSize, orientation)
        uprightSize = aspect.stretched(storedSize)
    }

    init(stored: PixelSize, upright: PixelSize, orientation: Orientation) {
        (storedSize, uprightSize, self.orientation) = (stored, upright, orientation)
    }

    /// As a player shows it.
    var size: PixelSize { orientation.size(of: uprightSize) }

    /// Where `region` of the shown picture lies in the stored one, to the nearest stored pixel.
    func stored(_ region: PixelRect) -> PixelRect {
        let upright = orientation.source(of: region, in: size)
        guard uprightSize != storedSize else { return upright }
        let (x, width) = Self.span(upright.x, upright.width, from: uprightSize.width, to: storedSize.width)
        let (y, height) = Self.span(upright.y, upright.height, from: uprightSize.height, to: storedSize.height)
        return PixelRect(x: x, y: y, width: width, height: height)
    }

    /// `length` pixels from `start` of a side of `all` pixels, on one of `stored`; at least one pixel.
    private static func span(_ start: Int, _ length: Int, from all: Int, to stored: Int) -> (Int, Int) {
        func nearest(_ position: Int) -> Int { (position * stored + all / 2) / all }
        let first = min(nearest(start), stored - 1)
        return (first, max(nearest(start + length) - first, 1))
    }
}

/// Says how the pictures of one source are shown. What the container says of their proportions goes before what the codec
/// says, as FFmpeg's own player has it.
struct Presenter {
    private let demuxer: Demuxer
    private let orientation: Orientation
    private let maximumPixels: Int
    /// What was last found to be beyond belief; told once.
    private var refused: (ratio: SIMD2<Int32>, size: PixelSize)?

    /// - Parameters:
    ///   - rotation: clockwise, in degrees, after what the container says.
    ///   - maximumPixels: of a picture as it is shown.
    init(_ demuxer: Demuxer, rotation: Int, maximumPixels: Int) {
        (self.demuxer, self.maximumPixels) = (demuxer, maximumPixels)
        orientation = demuxer.orientation.turned(by: rotation)
    }

    /// What is known before the first picture.
    mutating func presentation() -> Presentation {
        let parameters = demuxer.parameters.pointee
        return presentation(
            PixelSize(width: Int(parameters.width), height: Int(parameters.height)), demuxer.sampleAspectRatio(of: nil))
    }

    mutating func presentation(of frame: UnsafeMutablePointer<AVFrame>) -> Presentation {
        presentation(
            PixelSize(width: Int(frame.pointee.width), height: Int(frame.pointee.height)),
            demuxer.sampleAspectRatio(of: frame))
    }

    private mutating func presentation(_ size: PixelSize, _ ratio: AVRational) -> Presentation {
        if let aspect = SampleAspect(ratio.num, to: ratio.den) {
            let shown = Presentation(size, aspect: aspect, orientation: orientation)
            if shown.size.width * shown.size.height <= maximumPixels || aspect == .square { return shown }
        }
        if ratio.num > 0 { refuse(SIMD2(ratio.num, ratio.den), size) }
        return Presentation(size, aspect: .square, orientation: orientation)
    }

    private mutating func refuse(_ ratio: SIMD2<Int32>, _ size: PixelSize) {
        guard refused == nil || refused! != (ratio, size) else { return }
        refused = (ratio, size)
        FFmpegLog.note(
            "Pixels of \(size.width)x\(size.height) pictures are told to be \(ratio.x):\(ratio.y); taken as square. "
                + "Wanted at most \(SampleAspect.largestRatio):1, and \(maximumPixels) pixels in all when shown.")
    }
}
