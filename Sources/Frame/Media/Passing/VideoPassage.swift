import CFFmpeg
import Frames

/// Passes the packets of a live source on to whoever watches it. While nobody does, a packet costs a look at one number.
final class VideoPassage {
    private let demuxer: Demuxer
    private let codec: PassedCodec
    private let outlet: any SourceOutlet
    private var writer: FragmentWriter?
    /// For whom `writer` was made.
    private var watcher: Int64 = 0

    /// - Returns: `nil` for codecs that are not passed on, and pictures that are shown otherwise than they are coded.
    init?(_ demuxer: Demuxer, _ presentation: Presentation, outlet: any SourceOutlet) {
        guard let codec = PassedCodec(demuxer.parameters.pointee.codec_id), presentation.orientation == .identity else {
            return nil
        }
        (self.demuxer, self.codec, self.outlet) = (demuxer, codec, outlet)
    }

    func take(_ packet: UnsafeMutablePointer<AVPacket>) {
        let wanted = outlet.board[.videoWanted]
        if wanted != watcher {
            watcher = wanted
            let outlet = outlet
            writer = wanted == 0 ? nil : FragmentWriter(demuxer.stream, codec) { outlet.pass($0) }
        }
        writer?.take(packet)
    }
    /// Nothing follows.
    func finish() { writer?.finish() }
}
