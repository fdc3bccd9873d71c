/// In which form a picture is coded, as checks of portraits call it.
public enum PictureForm: String, Sendable {
    case jpeg = "JPEG"
    case png = "PNG"
    case bmp = "BMP"
    case tiff = "TIFF"
    case pixmap = "PPM"
    case webp = "WEBP"

    /// By the bytes that such pictures begin with; `nil` for what is none that we read.
    public init?(_ bytes: [UInt8]) {
        switch Still.Form(bytes) {
        case .jpeg: self = .jpeg
        case .png: self = .png
        case .bmp: self = .bmp
        case .tiff: self = .tiff
        case .pixmap: self = .pixmap
        case .webp: self = .webp
        case nil: return nil
        }
    }
}
