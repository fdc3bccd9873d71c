import CFFmpeg
public import Frames
public import Scene

/// How a video is written in segments, each encoded apart from all others: whoever was cut off goes on at the beginning of one and comes to
/// the same bytes.
public struct SegmentPlan: Sendable {
    let plan: VideoEncoder.Plan
    let container: VideoWriter.Container

    /// - Parameters: as `VideoWriter` has them, and
    ///   - form: of the first picture.
    public init(size: PixelSize, frameRate: Double, container: VideoWriter.Container, form: PlanarForm?) {
        plan = VideoEncoder.Plan(
            size: size, frameRate: frameRate, form: form?.told ?? .drawn,
            hasGlobalHeader: VideoFile.hasGlobalHeader(container), isInOrder: true)
        self.container = container
    }

    /// Frames of a segment that takes about so many seconds, each but the last: a whole number of those that begin with one that needs
    /// none before it.
    public func frameCount(seconds: Double) -> Int {
        plan.keyInterval * max(1, Int((seconds / 2).rounded()))
    }

    /// What every segment begins with. Those of an encoder that would do otherwise begin with something else.
    /// - Throws: `MediaError.cannotWriteVideo`.
    public func head() throws -> [UInt8] { Self.head(try VideoEncoder(plan).context!) }
    fileprivate static func head(_ encoder: UnsafeMutablePointer<AVCodecContext>) -> [UInt8] {
        let common = UnsafeBufferPointer(
            start: encoder.pointee.extradata, count: Int(encoder.pointee.extradata_size))
        return SegmentBytes.digits(Int64(common.count)) + Array(common)
    }
}

/// How packets stand in a segment: numbers of eight bytes, the lowest first.
private enum SegmentBytes {
    static let headCount = 40
    static func digits(_ value: Int64) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
    static func number(_ bytes: ArraySlice<UInt8>) -> Int64 {
        bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int64($1) }
    }
}

/// Encodes one segment. Blocks; one thread uses it.
public final class SegmentEncoder {
    private let encoder: VideoEncoder
    private var bytes: [UInt8]
    /// After the latest frame.
    public var clock: VideoClock { encoder.clock }

    /// - Parameter clock: after the frames before.
    /// - Throws: `MediaError.cannotWriteVideo`.
    public init(_ plan: SegmentPlan, after clock: VideoClock) throws {
        encoder = try VideoEncoder(plan.plan, after: clock)
        bytes = SegmentPlan.head(encoder.context!)
    }
    /// - Returns: what the segment has more than before.
    /// - Throws: `MediaError`, or what the picture throws.
    public func write(_ frame: Frame) throws -> [UInt8] {
        try encoder.encode(frame) { add($0) }
        return taken()
    }
    /// - Returns: the rest of it.
    public func finish() throws -> [UInt8] {
        try encoder.finish { add($0) }
        return taken()
    }
    private func taken() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }
    private func add(_ packet: UnsafeMutablePointer<AVPacket>) {
        for number in [
            Int64(packet.pointee.size), packet.pointee.pts, packet.pointee.dts, packet.pointee.duration,
            Int64(packet.pointee.flags),
        ] { bytes += SegmentBytes.digits(number) }
        bytes += UnsafeBufferPointer(start: packet.pointee.data, count: Int(packet.pointee.size))
    }
}

/// Puts segments together to a file with sound; nothing of them is decoded. Blocks; one thread uses it.
public final class SegmentJoiner {
    private static let largestPacket = 1 << 30
    private let file: VideoFile
    private let head: [UInt8]
    private var packet: UnsafeMutablePointer<AVPacket>?
    /// What has come of the present segment and is not written.
    private var pending: ArraySlice<UInt8> = []
    private var isAtHead = true

    /// - Parameter source: the sound that is copied, of a file whose pictures begin with the first frame.
    /// - Throws: `MediaError.cannotWriteVideo`.
    public init(_ plan: SegmentPlan, path: String, sound source: (any SoundSource)?) throws {
        let encoder = try VideoEncoder(plan.plan)
        head = SegmentPlan.head(encoder.context!)
        file = try VideoFile(path: path, plan.container, sound: source)
        try file.begin(encoder.context!)
        packet = av_packet_alloc()
    }
    deinit { av_packet_free(&packet) }

    /// Takes more of the present segment.
    /// - Throws: `MediaError.cannotWriteVideo`, also for what is no segment of this plan; what reading the sound throws.
    public func add(_ bytes: [UInt8]) throws {
        pending += bytes
        if isAtHead {
            guard pending.count >= head.count else { return }
            guard pending.starts(with: head) else { throw MediaError.cannotWriteVideo("its parts do not fit") }
            pending = pending.dropFirst(head.count)
            isAtHead = false
        }
        while pending.count >= SegmentBytes.headCount {
            let size = SegmentBytes.number(pending)
            guard (0...Int64(Self.largestPacket)).contains(size) else {
                throw MediaError.cannotWriteVideo("a part of it is damaged")
            }
            guard pending.count >= SegmentBytes.headCount + Int(size) else { break }
            try write(Int(size))
            pending = pending.dropFirst(SegmentBytes.headCount + Int(size))
        }
        pending = ArraySlice(Array(pending))
    }
    private func write(_ size: Int) throws {
        guard let packet else { return }
        try checkWriting(av_new_packet(packet, Int32(size)))
        defer { av_packet_unref(packet) }
        let numbers = (1..<5).map { SegmentBytes.number(pending.dropFirst($0 * 8)) }
        (packet.pointee.pts, packet.pointee.dts, packet.pointee.duration) = (numbers[0], numbers[1], numbers[2])
        packet.pointee.flags = Int32(truncatingIfNeeded: numbers[3])
        let start = pending.startIndex + SegmentBytes.headCount
        pending[start..<start + size].withUnsafeBufferPointer {
            if let base = $0.baseAddress { packet.pointee.data.update(from: base, count: size) }
        }
        try file.write(packet)
    }
    /// Ends the present segment.
    public func endSegment() throws {
        guard pending.isEmpty, !isAtHead else { throw MediaError.cannotWriteVideo("a part of it is cut off") }
        isAtHead = true
    }
    /// Writes the rest of the sound, and the index.
    public func finish() throws { try file.finish() }
}
