import Foundation

/// How the sound of a file is coded, as whoever writes it anew must say. Numbers are FFmpeg's own.
public struct SoundTrack: Codable, Sendable {
    /// In FFmpeg's spelling.
    public var codec: String
    var codecID: UInt32
    var format, profile, level, sampleRate, blockAlign, frameSize: Int32
    var initialPadding, trailingPadding, seekPreroll, bitsPerCodedSample, bitsPerRawSample: Int32
    var bitRate: Int64
    var channels: Int32
    /// Which they are, a bit each; 0: that is not known.
    var channelMask: UInt64
    /// What decoders want before the first packet.
    var head: Data
    /// Seconds of the unit of its times.
    var numerator, denominator: Int32
    /// Where the pictures of the file begin, in that unit.
    var origin: Int64
}

/// A part of a sound, coded.
public struct SoundPacket: Sendable {
    /// Where it is played and decoded, in the track's unit; `nil`: the file does not say.
    public var pts, dts: Int64?
    public var duration: Int64
    /// FFmpeg's.
    public var flags: Int32
    public var bytes: [UInt8]
    public init(pts: Int64?, dts: Int64?, duration: Int64, flags: Int32, bytes: [UInt8]) {
        (self.pts, self.dts, self.duration, self.flags, self.bytes) = (pts, dts, duration, flags, bytes)
    }
}

/// The sound of a file, read from its beginning to its end. Blocks; one thread reads.
public protocol SoundSource: AnyObject {
    var track: SoundTrack { get }
    /// The next packet; `nil` at the end, and where the file is damaged.
    /// - Throws: what ended the process that read it.
    func next() throws -> SoundPacket?
}
