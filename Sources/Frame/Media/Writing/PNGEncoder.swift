import CFFmpeg
import Frames
import Scene

enum PNGEncoder {
    /// - Parameter pixels: in the order R, G, B.
    static func encode(_ pixels: PixelTarget) throws(MediaError) -> [UInt8] {
        guard let codec = avcodec_find_encoder(AV_CODEC_ID_PNG), var context = Optional(avcodec_alloc_context3(codec)),
            var frame = Optional(av_frame_alloc()), var packet = Optional(av_packet_alloc())
        else { throw .cannotEncode("the installed FFmpeg has no PNG encoder") }
        defer {
            avcodec_free_context(&context)
            av_frame_free(&frame)
            av_packet_free(&packet)
        }
        context!.pointee.width = Int32(pixels.size.width)
        context!.pointee.height = Int32(pixels.size.height)
        context!.pointee.pix_fmt = AV_PIX_FMT_RGB24
        context!.pointee.time_base = AVRational(num: 1, den: 1)
        context!.pointee.thread_count = 1
        frame!.pointee.width = context!.pointee.width
        frame!.pointee.height = context!.pointee.height
        frame!.pointee.format = AV_PIX_FMT_RGB24.rawValue
        // Not counted by reference, so the encoder copies what it keeps.
        frame!.pointee.data.0 = pixels.base
        frame!.pointee.linesize.0 = Int32(pixels.bytesPerRow)
        var status = avcodec_open2(context, codec, nil)
        if status >= 0 { status = avcodec_send_frame(context, frame) }
        if status >= 0 { status = avcodec_send_frame(context, nil) }
        if status >= 0 { status = avcodec_receive_packet(context, packet) }
        guard status >= 0 else { throw .cannotEncode("\(FFmpegStatus(rawValue: status))") }
        return Array(UnsafeBufferPointer(start: packet!.pointee.data, count: Int(packet!.pointee.size)))
    }
}
