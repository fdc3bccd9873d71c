import CFFmpeg
import Scene

/// One of the eight ways to turn and mirror a picture.
///
/// The pixel at `(x, y)` of the turned picture comes from the source as follows: mirror `x` and `y` within the turned
/// picture as the flags say, then exchange them when transposed.
struct Orientation: Hashable, Sendable {
    var isTransposed = false
    var mirrorsX = false
    var mirrorsY = false

    static let identity = Orientation()

    /// The same picture, turned by a further quarter clockwise.
    var turnedClockwise: Orientation {
        Orientation(isTransposed: !isTransposed, mirrorsX: !mirrorsY, mirrorsY: mirrorsX)
    }
    /// - Parameter degrees: clockwise; a multiple of 90.
    func turned(by degrees: Int) -> Orientation {
        let quarters = ((degrees / 90) % 4 + 4) % 4
        return (0..<quarters).reduce(self) { orientation, _ in orientation.turnedClockwise }
    }

    /// As the command `ffmpeg` turns by itself: quarters of a turn and mirroring; other angles are left alone.
    /// - Parameter matrix: nine values, row-major, as in ISO 14496-12 §6.2.2.
    init(displayMatrix matrix: UnsafePointer<Int32>) {
        let angle = av_display_rotation_get(matrix)
        guard angle.isFinite else { return }
        let clockwise = ((-angle.rounded()).truncatingRemainder(dividingBy: 360) + 360)
            .truncatingRemainder(dividingBy: 360)
        switch clockwise {
        case 89...91:
            self = Self.identity.turnedClockwise
            if matrix[3] > 0 { self = Orientation(isTransposed: true) }
        case 179...181:
            self = Orientation(mirrorsX: matrix[0] < 0, mirrorsY: matrix[4] < 0)
        case 269...271:
            self = Orientation(isTransposed: true, mirrorsX: matrix[3] < 0, mirrorsY: true)
        default:
            self = Orientation(mirrorsY: clockwise < 1 && matrix[4] < 0)
        }
    }
    init(isTransposed: Bool = false, mirrorsX: Bool = false, mirrorsY: Bool = false) {
        (self.isTransposed, self.mirrorsX, self.mirrorsY) = (isTransposed, mirrorsX, mirrorsY)
    }

    /// Of the turned picture; the same function leads back.
    func size(of size: PixelSize) -> PixelSize {
        isTransposed ? PixelSize(width: size.height, height: size.width) : size
    }
    /// Where `rect` of the turned picture, which measures `size`, lies in the source.
    func source(of rect: PixelRect, in size: PixelSize) -> PixelRect {
        let x = mirrorsX ? size.width - rect.x - rect.width : rect.x
        let y = mirrorsY ? size.height - rect.y - rect.height : rect.y
        return isTransposed
            ? PixelRect(x: y, y: x, width: rect.height, height: rect.width)
            : PixelRect(x: x, y: y, width: rect.width, height: rect.height)
    }
}
