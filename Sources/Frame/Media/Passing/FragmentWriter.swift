import CFFmpeg
import Frames
import Scene

/// Makes fragments of an MP4 of a track's packets, one of each, without looking into the pictures. Belongs to one thread.
///
/// A packet waits for the next, whose time says how long it is shown: so the time of the fragments has no gap, however unsteadily packets
/// come, and browsers take none for the beginning of something else. Where the source's clock steps back or far ahead, and where other
/// parameters come, it goes on from the next key frame behind a new head.
/// Source: W3C, "Media Source Extensions", §3.5.8 (coded frame processing).
final class FragmentWriter {
    private struct Waiting {
        var time: Int64
        var delay: Int32
        var isKeyframe: Bool
        var payload: [UInt8]
    }
    /// Ticks that a clock may step ahead, and by which it may step back through unsteadiness alone.
    private static let longestStep = 10 * Int64(MovieHead.timescale), longestStepBack = Int64(MovieHead.timescale)
    /// Of a picture behind which nothing comes: a 25th of a second.
    private static let lastDuration = MovieHead.timescale / 25
    private static let nanoseconds = AVRational(num: 1, den: 1_000_000_000)

    private let parameters: UnsafeMutablePointer<AVCodecParameters>
    private let timeBase: AVRational
    private let codec: PassedCodec
    private let emit: (VideoPiece) -> Void
    /// `nil`: packets are units behind their lengths already, and `record` is what is known of them.
    private var sets: ParameterSets?
    private var record: [UInt8]
    /// Where the fragments' time begins; `nil`: a key frame is waited for.
    private var origin: Int64?
    private var number: UInt32 = 0
    private var waiting: Waiting?
    /// When the latest was decoded.
    private var latest: Int64?

    /// - Parameters:
    ///   - stream: outlives the writer.
    ///   - emit: takes the pieces.
    init(_ stream: UnsafeMutablePointer<AVStream>, _ codec: PassedCodec, emit: @escaping (VideoPiece) -> Void) {
        (parameters, timeBase, self.codec, self.emit) = (stream.pointee.codecpar, stream.pointee.time_base, codec, emit)
        let head = UnsafeBufferPointer(
            start: parameters.pointee.extradata, count: max(0, Int(parameters.pointee.extradata_size)))
        record = Array(head)
        // What tells nothing is a camera that says it with its key frames.
        if head.isEmpty || ByteStream.begins(head) { sets = ParameterSets(codec, in: head) }
    }

    func take(_ packet: UnsafeMutablePointer<AVPacket>) {
        guard packet.pointee.size > 0, Int(packet.pointee.size) <= VideoFragment.largest,
            let data = packet.pointee.data,
            let time = decodeTime(packet.pointee)
        else { return restart() }
        let bytes = UnsafeBufferPointer(start: data, count: Int(packet.pointee.size))
        let isKeyframe = packet.pointee.flags & AV_PKT_FLAG_KEY != 0
        if let waiting {
            let step = time - waiting.time
            guard (-Self.longestStepBack...Self.longestStep).contains(step) else {
                restart()
                return take(packet)
            }
            finish(duration: max(1, step))
        }
        if isKeyframe, learn(packet, bytes) || origin == nil { begin(at: time) }
        guard let origin else { return }
        let shown = ticks(packet.pointee.pts) ?? time
        // Of labels that stand still each is a tick after the one before.
        let decoded = max(time, latest.map { $0 + 1 } ?? origin)
        latest = decoded
        waiting = Waiting(
            time: decoded, delay: Int32(clamping: shown - decoded), isKeyframe: isKeyframe, payload: payload(bytes))
    }

    /// `nil` where there is no label, or none that anybody could mean.
    private func ticks(_ label: Int64) -> Int64? {
        guard label != sl_no_pts, MediaTime(label: label, timeBase) != nil else { return nil }
        return av_rescale_q(label, timeBase, MovieHead.timeBase)
    }
    private func decodeTime(_ packet: AVPacket) -> Int64? {
        // Without pictures out of order they are decoded as they are shown.
        ticks(packet.dts) ?? (parameters.pointee.video_delay == 0 ? ticks(packet.pts) : nil)
    }

    /// Nothing follows the packet that waits.
    func finish() { restart() }

    /// From here on a key frame is waited for.
    private func restart() {
        finish(duration: Int64(Self.lastDuration))
        (origin, latest) = (nil, nil)
    }
    private func begin(at time: Int64) {
        restart()
        guard sets?.isWhole ?? true, let head = MovieHead(parameters, extradata: sets?.bytes ?? record) else { return }
        (origin, number) = (time, 0)
        emit(
            .head(
                VideoHead(
                    codec: head.codec, bytes: head.bytes,
                    origin: MediaTime(nanoseconds: av_rescale_q(time, MovieHead.timeBase, Self.nanoseconds)))))
    }
    private func finish(duration: Int64) {
        guard let picture = waiting, let origin else { return }
        waiting = nil
        number &+= 1
        let time = picture.time - origin
        let fragment = MovieFragment(
            number: number, decodeTime: UInt64(time), duration: UInt32(duration), delay: picture.delay,
            isKeyframe: picture.isKeyframe, payload: picture.payload)
        emit(
            .fragment(
                VideoFragment(
                    bytes: fragment.bytes, isKeyframe: picture.isKeyframe,
                    time: MediaTime(nanoseconds: av_rescale_q(time, MovieHead.timeBase, Self.nanoseconds)))))
    }

    // MARK: Parameters

    /// Looks for parameters that a key frame brings. Returns whether they are others than before.
    private func learn(_ packet: UnsafeMutablePointer<AVPacket>, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        if let known = sets {
            let found = ParameterSets(codec, in: bytes)
            guard found.isWhole, found != known else { return false }
            sets = found
            return true
        }
        var count = 0
        guard let new = av_packet_get_side_data(packet, AV_PKT_DATA_NEW_EXTRADATA, &count), count > 0 else {
            return false
        }
        let found = Array(UnsafeBufferPointer(start: new, count: count))
        defer { record = found }
        return found != record
    }

    /// Units behind their lengths; what the head says already is left out.
    private func payload(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        guard let sets else { return Array(bytes) }
        var payload: [UInt8] = []
        payload.reserveCapacity(bytes.count + 8 * ByteStream.lengthSize)
        for range in ByteStream.units(of: bytes) {
            let unit = UnsafeBufferPointer(rebasing: bytes[range])
            if codec.parameterKinds.contains(codec.kind(unit[0])), sets.contains(unit) { continue }
            withUnsafeBytes(of: UInt32(unit.count).bigEndian) { payload.append(contentsOf: $0) }
            payload.append(contentsOf: unit)
        }
        return payload
    }
}
