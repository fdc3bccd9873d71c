import CFFmpeg

/// Where the bytes of pictures may lie instead of this process's own memory. Used by the decoder's thread alone.
package protocol PictureArena: AnyObject {
    /// All zero, aligned for SIMD; `nil` when there is no room.
    func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer?
    func free(_ bytes: UnsafeMutableRawPointer, _ byteCount: Int)
}

/// How much memory one source's pictures take, and may take: those that its decoder refers to, those that wait and those that are
/// being looked at.
final class PictureBudget: Sendable {
    let limit: Int
    private let board: SourceBoard

    /// - Parameter limit: bytes.
    init(limit: Int, board: SourceBoard) { (self.limit, self.board) = (limit, board) }

    /// Bytes in use now, with those that are kept for the next pictures.
    var bytes: Int { board.count(.pictureBytes) }
    /// Bytes that were last asked for and would have been too many; `nil` while all were granted.
    var excess: Int? {
        let bytes = board.count(.refusedBytes)
        return bytes > 0 ? bytes : nil
    }

    fileprivate func take(_ count: Int) -> Bool {
        let sum = board.add(Int64(count), to: .pictureBytes)
        if sum <= limit { return true }
        give(count)
        refuse(Int(sum))
        return false
    }
    fileprivate func give(_ count: Int) { board.add(-Int64(count), to: .pictureBytes) }
    fileprivate func refuse(_ sum: Int) { board[.refusedBytes] = Int64(sum) }
}

/// Where a decoder's pictures lie: FFmpeg's pools of buffers, filled within a budget. Belongs to the decoder's thread; the pictures
/// outlive it.
final class PictureMemory {
    private struct Form: Equatable { var format, width, height: Int32 }
    /// Rows begin at multiples of so many bytes, as the widest instructions want it.
    private static let alignment: Int32 = 64
    /// Bytes beyond the last row that some read and write.
    static let overhang = 2 * Int(alignment)

    private let budget: PictureBudget
    private let arena: (any PictureArena)?
    private var form: Form?
    private var bytesPerRow: [4 of Int32] = [0, 0, 0, 0]
    private var pools: [OpaquePointer?] = []

    /// - Parameter arena: `nil`: this process's own memory.
    init(_ budget: PictureBudget, arena: (any PictureArena)?) { (self.budget, self.arena) = (budget, arena) }
    deinit { letGo() }

    /// Makes the decoder of `context` take its pictures' memory from here, for as long as both live.
    func serve(_ context: UnsafeMutablePointer<AVCodecContext>) {
        context.pointee.opaque = Unmanaged.passUnretained(self).toOpaque()
        context.pointee.get_buffer2 = { context, frame, flags in
            guard let context, let frame, let memory = context.pointee.opaque,
                context.pointee.codec.pointee.capabilities & AV_CODEC_CAP_DR1 != 0
            else { return avcodec_default_get_buffer2(context, frame, flags) }
            return Unmanaged<PictureMemory>.fromOpaque(memory).takeUnretainedValue().provide(frame, for: context)
        }
    }

    /// Gives `frame`, whose form is known, memory.
    /// - Parameter context: `nil`: no decoder writes it.
    /// - Returns: FFmpeg's status.
    func provide(
        _ frame: UnsafeMutablePointer<AVFrame>, for context: UnsafeMutablePointer<AVCodecContext>?
    ) -> Int32 {
        let wanted = Form(format: frame.pointee.format, width: frame.pointee.width, height: frame.pointee.height)
        if wanted != form {
            letGo()
            let status = prepare(wanted, context)
            guard status >= 0 else { return status }
            form = wanted
        }
        return withUnsafeMutablePointer(to: &frame.pointee.buf) { buffers in
            buffers.withMemoryRebound(to: UnsafeMutablePointer<AVBufferRef>?.self, capacity: 8) { buffers in
                for (index, pool) in pools.enumerated() {
                    // Those that it has already go with the frame.
                    guard let buffer = av_buffer_pool_get(pool) else { return sl_error_no_memory }
                    buffers[index] = buffer
                    frame.setPlane(index, buffer.pointee.data, bytesPerRow[index])
                }
                frame.pointee.extended_data = frame.planes
                return 0
            }
        }
    }

    /// Makes a pool for each plane of such pictures.
    private func prepare(_ form: Form, _ context: UnsafeMutablePointer<AVCodecContext>?) -> Int32 {
        let format = AVPixelFormat(form.format)
        var (width, height) = (form.width, form.height)
        var ignored: [8 of Int32] = [0, 0, 0, 0, 0, 0, 0, 0]
        // Decoders write whole blocks, and some rows beyond.
        if let context {
            withUnsafeMutablePointer(to: &ignored) {
                $0.withMemoryRebound(to: Int32.self, capacity: 8) {
                    avcodec_align_dimensions2(context, &width, &height, $0)
                }
            }
        }
        width = (width + 15) & ~15
        var sizes: [4 of Int] = [0, 0, 0, 0]
        let status = withUnsafeMutablePointer(to: &bytesPerRow) { rows in
            rows.withMemoryRebound(to: Int32.self, capacity: 4) { rows -> Int32 in
                while true {
                    let status = av_image_fill_linesizes(rows, format, width)
                    if status < 0 { return status }
                    if (0..<4).allSatisfy({ rows[$0] % Self.alignment == 0 }) { break }
                    width += 16
                }
                let wide: [4 of Int] = [Int(rows[0]), Int(rows[1]), Int(rows[2]), Int(rows[3])]
                return withUnsafePointer(to: wide) { wide in
                    withUnsafeMutablePointer(to: &sizes) { sizes in
                        wide.withMemoryRebound(to: Int.self, capacity: 4) { wide in
                            sizes.withMemoryRebound(to: Int.self, capacity: 4) {
                                av_image_fill_plane_sizes($0, format, height, wide)
                            }
                        }
                    }
                }
            }
        }
        guard status >= 0 else { return status }
        for plane in 0..<4 where sizes[plane] > 0 {
            let pool = PicturePool(
                budget: budget, arena: arena, byteCount: sizes[plane] + Self.overhang)
            pools.append(pool.handle())
        }
        return 0
    }

    /// The pools go when their last picture does.
    private func letGo() {
        form = nil
        for pool in pools {
            var pool = pool
            av_buffer_pool_uninit(&pool)
        }
        pools = []
    }
}

/// The planes of one size: how their memory is had and given back.
///
/// `@unchecked Sendable` holds because an arena is used by the decoder's thread alone, which gives back all that it lent.
private final class PicturePool: @unchecked Sendable {
    private let budget: PictureBudget
    private let arena: (any PictureArena)?
    private let byteCount: Int

    init(budget: PictureBudget, arena: (any PictureArena)?, byteCount: Int) {
        (self.budget, self.arena, self.byteCount) = (budget, arena, byteCount)
    }

    /// FFmpeg's pool, which keeps `self` until its last buffer has gone.
    func handle() -> OpaquePointer? {
        av_buffer_pool_init2(
            byteCount, Unmanaged.passRetained(self).toOpaque(),
            { opaque, _ in Unmanaged<PicturePool>.fromOpaque(opaque!).takeUnretainedValue().make(opaque) },
            { Unmanaged<PicturePool>.fromOpaque($0!).release() })
    }

    private func make(_ opaque: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<AVBufferRef>? {
        guard budget.take(byteCount) else { return nil }
        // Zeroed: what a damaged stream leaves unpainted must not be another's picture.
        guard let memory = arena.map({ $0.allocate(byteCount) }) ?? av_mallocz(byteCount) else {
            budget.refuse(budget.bytes)
            budget.give(byteCount)
            return nil
        }
        let bytes = memory.assumingMemoryBound(to: UInt8.self)
        return av_buffer_create(
            bytes, byteCount,
            { opaque, bytes in
                Unmanaged<PicturePool>.fromOpaque(opaque!).takeUnretainedValue().free(bytes)
            }, opaque, 0)
    }
    private func free(_ bytes: UnsafeMutablePointer<UInt8>?) {
        if let arena, let bytes { arena.free(bytes, byteCount) } else { av_free(bytes) }
        budget.give(byteCount)
    }
}

extension UnsafeMutablePointer<AVFrame> {
    /// The addresses of the planes, as `extended_data` wants them.
    var planes: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?> {
        UnsafeMutableRawPointer(self).advanced(by: MemoryLayout<AVFrame>.offset(of: \.data)!)
            .assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)
    }
    func bytesPerRow(_ plane: Int) -> Int32 {
        let rows = pointee.linesize
        return [rows.0, rows.1, rows.2, rows.3][plane]
    }
    func setPlane(_ index: Int, _ data: UnsafeMutablePointer<UInt8>?, _ bytesPerRow: Int32) {
        planes[index] = data
        UnsafeMutableRawPointer(self).advanced(by: MemoryLayout<AVFrame>.offset(of: \.linesize)!)
            .assumingMemoryBound(to: Int32.self)[index] = bytesPerRow
    }
}
