import CFFmpeg

/// Turns packets into pictures. Belongs to one thread; uses no further thread, since streams run side by side.
final class Decoder {
    enum Outcome { case frame(UnsafeMutablePointer<AVFrame>), needsPacket, damaged, end }

    private var context: UnsafeMutablePointer<AVCodecContext>?
    private let shells: FrameShells
    private let memory: PictureMemory

    /// - Parameter budget: of the pictures' memory; a picture that it does not cover counts as damaged.
    init(
        _ codec: UnsafePointer<AVCodec>, stream: UnsafeMutablePointer<AVStream>, maximumPixels: Int,
        budget: PictureBudget, arena: (any PictureArena)?, shells: FrameShells
    ) throws(MediaError) {
        guard let context = avcodec_alloc_context3(codec) else { fatalError("avcodec_alloc_context3: out of memory") }
        (self.context, self.shells, memory) = (context, shells, PictureMemory(budget, arena: arena))
        let name = String(cString: codec.pointee.name)
        guard avcodec_parameters_to_context(context, stream.pointee.codecpar) >= 0 else {
            throw .unsupportedCodec(name)
        }
        context.pointee.thread_count = 1
        // With frames' threads asked for, which they are by default, FFmpeg warns that pictures have memory of ours.
        context.pointee.thread_type = FF_THREAD_SLICE
        memory.serve(context)
        context.pointee.max_pixels = Int64(maximumPixels)
        context.pointee.pkt_timebase = stream.pointee.time_base
        guard avcodec_open2(context, codec, nil) >= 0 else { throw .unsupportedCodec(name) }
    }
    deinit { avcodec_free_context(&context) }

    /// Takes a packet; `nil` says that none follows, so that the pictures still inside come out.
    /// - Returns: false when the packet is damaged.
    func send(_ packet: UnsafeMutablePointer<AVPacket>?) -> Bool {
        let status = avcodec_send_packet(context, packet)
        return status >= 0 || status == sl_error_again || status == sl_error_end_of_file
    }

    /// The next picture, if the packets sent so far make one. The caller gives the shell back.
    func receive() -> Outcome {
        let frame = shells.take()
        let status = avcodec_receive_frame(context, frame)
        if status >= 0 { return .frame(frame) }
        shells.giveBack(frame)
        return switch status {
        case sl_error_again: .needsPacket
        case sl_error_end_of_file: .end
        default: .damaged
        }
    }
}
