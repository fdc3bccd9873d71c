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
    private let size: PixelSize
    private let frameRate: Double
    private let container: Container
    private let file: VideoFile
    /// From the first frame on, which says what the samples mean: those of a picture that is drawn upon are BT.601.
    private var encoder: VideoEncoder?
    private var isFinished = false
    public var sound: Sound { file.sound }

    /// - Parameters:
    ///   - size: of the video; frames of another size are fitted in. An odd side gets a black row or column.
    ///   - frameRate: what the file says of itself; each frame keeps its own time. 25 when 0 or unknown.
    ///   - source: the sound that is copied, of a file whose pictures begin with the first frame.
    /// - Throws: `MediaError.cannotWriteVideo`.
    public init(
        path: String, size: PixelSize, frameRate: Double, sound source: (any SoundSource)? = nil,
        container: Container = .mp4
    ) throws {
        guard size.width > 0, size.height > 0 else { throw MediaError.cannotWriteVideo("it has no pixels") }
        (self.size, self.frameRate, self.container) = (size, frameRate, container)
        file = try VideoFile(path: path, container, sound: source)
    }

    private func encoder(for first: PlanarForm?) throws(MediaError) -> VideoEncoder {
        if let encoder { return encoder }
        guard !isFinished else { throw .cannotWriteVideo("it is already finished") }
        let new = try VideoEncoder(
            VideoEncoder.Plan(
                size: size, frameRate: frameRate, form: first ?? .drawn,
                hasGlobalHeader: VideoFile.hasGlobalHeader(container)))
        try file.begin(new.context!)
        encoder = new
        return new
    }

    /// Adds `frame` at its media time; a time not after the one before is moved on by the least unit. Where nothing is drawn on it, the
    /// samples go to the encoder as they are.
    /// - Throws: `MediaError`, or what the picture throws.
    public func write(_ frame: Frame, overlays: [Overlay]) throws {
        let form = VideoEncoder.ownForm(of: frame, overlays: overlays, in: size)
        try encoder(for: form).encode(frame, overlays: overlays, file.write)
    }

    /// Writes what the encoder still holds, and the index. Nothing can be written after it.
    /// - Throws: `MediaError.cannotWriteVideo`.
    public func finish() throws {
        guard !isFinished else { return }
        let encoder = try encoder(for: nil)
        isFinished = true
        try encoder.finish(file.write)
        try file.finish()
    }
}
