import CFFmpeg

/// An error code of FFmpeg, negative; printed in FFmpeg's own words.
public struct FFmpegStatus: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    public var description: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(AV_ERROR_MAX_STRING_SIZE)) { text in
            text.initialize(repeating: 0)
            av_strerror(rawValue, text.baseAddress, text.count)
            return String(cString: text.baseAddress!)
        }
    }
}
