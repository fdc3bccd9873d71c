public import Frames
public import Scene

/// Writes frames with overlays drawn in as an MP4 or its like: H.264 where the installed FFmpeg has libx264, else MPEG-4.
///
/// Blocks while it encodes. Not `Sendable`: one task or thread writes. Dropped before `finish()`, it leaves a file without
/// an index, which no player opens.
public final class VideoWriter {
    /// What holds pictures and sound.
    public enum Container: String, Sendable, CaseIterable {
        case mp4, mov
        case mkv = "matroska"
        case ts = "mpegts"
    }

    /// What became of the sound.
    public enum Sound: Hashable, Sendable {
        /// There is none, or it was not asked for.
        case none
        /// Copied as it is.
        case kept(codec: String)
        /// An MP4 does not hold it.
        case left(codec: String)
    }
    private let encoder: VideoEncoder
    private let file: VideoFile
    private var isFinished = false
    public var sound: Sound { file.sound }

    /// - Parameters:
    ///   - size: of the video; frames of another size are fitted in. An odd side gets a black row or column.
    ///   - frameRate: what the file says of itself; each frame keeps its own time. 25 when 0 or unknown.
    ///   - soundFile: whose sound is copied; its pictures begin with the first frame.
    ///   - rateFactor: libx264's constant rate factor: less is better and larger.
    /// - Throws: `MediaError.cannotWriteVideo`, and what reading the sound throws.
    public init(
        path: String, size: PixelSize, frameRate: Double, soundFrom soundFile: String? = nil,
        container: Container = .mp4, rateFactor: Int = 23
    ) throws {
        encoder = try VideoEncoder(
            VideoEncoder.Plan(
                size: size, frameRate: frameRate, rateFactor: rateFactor,
                hasGlobalHeader: VideoFile.hasGlobalHeader(container)))
        file = try VideoFile(path: path, container)
        try file.begin(encoder.context!, soundFrom: soundFile)
    }

    /// Adds `frame` at its media time; a time not after the one before is moved on by the least unit.
    /// - Throws: `MediaError`, or what the picture throws.
    public func write(_ frame: Frame, overlays: [Overlay]) throws {
        try encoder.encode(frame, overlays: overlays, file.write)
    }

    /// Writes what the encoder still holds, and the index. Nothing can be written after it.
    /// - Throws: `MediaError.cannotWriteVideo`.
    public func finish() throws {
        guard !isFinished else { return }
        isFinished = true
        try encoder.finish(file.write)
        try file.finish()
    }
}
