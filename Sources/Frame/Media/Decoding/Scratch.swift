import CFFmpeg
import CYUV
import Synchronization

/// Memory for the steps between a decoder's planes and the wanted picture; grows to what is needed and is kept.
///
/// Used by one thread at a time; `ScratchPool` sees to that.
final class Scratch {
    /// What a piece of memory holds. Two uses that meet in one conversion have different names.
    enum Use: Int, CaseIterable {
        case luma, chromaU, chromaV, wideU, wideV, splitU, splitV, convertedY, convertedU, convertedV
        case corrected, packed, upright, turnable, turned
    }
    private var memory = [UnsafeMutableRawBufferPointer?](repeating: nil, count: Use.allCases.count)
    private var scalers: [(key: ScalerKey, context: OpaquePointer)] = []

    private struct ScalerKey: Equatable {
        var sourceWidth, sourceHeight, sourceFormat, width, height, format, flags: Int32
    }

    deinit {
        for buffer in memory { buffer?.deallocate() }
        for scaler in scalers { sws_freeContext(scaler.context) }
    }

    /// At least `count` bytes for `use`, aligned for SIMD. What was in them is lost when they grow.
    func bytes(_ use: Use, count: Int) -> UnsafeMutablePointer<UInt8> {
        if let buffer = memory[use.rawValue], buffer.count >= count {
            return buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
        }
        memory[use.rawValue]?.deallocate()
        // libyuv and swscale may touch a few bytes past a row's end.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count + 64, alignment: 64)
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        memory[use.rawValue] = buffer
        return buffer.baseAddress!.assumingMemoryBound(to: UInt8.self)
    }

    /// A plane of `width × height` bytes for `use`, rows a multiple of 64 apart.
    func plane(_ use: Use, width: Int, height: Int) -> Plane {
        let bytesPerRow = Self.aligned(width)
        return Plane(base: bytes(use, count: bytesPerRow * height), bytesPerRow: bytesPerRow)
    }
    static func aligned(_ count: Int) -> Int { (count + 63) & ~63 }

    /// swscale's context for such a conversion, made once; the few latest are kept. `nil` when it cannot convert so.
    func scaler(
        from source: (size: (Int, Int), format: AVPixelFormat), to target: (size: (Int, Int), format: AVPixelFormat),
        flags: Int32
    ) -> OpaquePointer? {
        let key = ScalerKey(
            sourceWidth: Int32(source.size.0), sourceHeight: Int32(source.size.1),
            sourceFormat: source.format.rawValue, width: Int32(target.size.0), height: Int32(target.size.1),
            format: target.format.rawValue, flags: flags)
        if let scaler = scalers.first(where: { $0.key == key }) { return scaler.context }
        guard
            let context = sws_getContext(
                key.sourceWidth, key.sourceHeight, source.format, key.width, key.height, target.format, flags, nil,
                nil, nil)
        else { return nil }
        if scalers.count >= 8 { sws_freeContext(scalers.removeFirst().context) }
        scalers.append((key, context))
        return context
    }
}

/// One plane of 8-bit samples.
struct Plane {
    var base: UnsafeMutablePointer<UInt8>
    var bytesPerRow: Int
    func offset(x: Int, y: Int) -> Plane { Plane(base: base + y * bytesPerRow + x, bytesPerRow: bytesPerRow) }

    /// libyuv counts the pixels of what it scales in 16 bits, and reads beyond the plane where that does not suffice.
    private static let scalableSide = 32_767

    /// Scales `width × height` of the plane to the target's size. Longer sides than libyuv can count go in parts.
    func scale(
        _ width: Int, _ height: Int, to target: Plane, _ newWidth: Int, _ newHeight: Int, _ filter: FilterMode
    ) {
        if height > Self.scalableSide, newHeight > 1 {
            let newUpper = newHeight / 2, upper = height * newUpper / newHeight
            scale(width, upper, to: target, newWidth, newUpper, filter)
            offset(x: 0, y: upper).scale(
                width, height - upper, to: target.offset(x: 0, y: newUpper), newWidth, newHeight - newUpper, filter)
        } else if width > Self.scalableSide, newWidth > 1 {
            let newLeft = newWidth / 2, left = width * newLeft / newWidth
            scale(left, height, to: target, newLeft, newHeight, filter)
            offset(x: left, y: 0).scale(
                width - left, height, to: target.offset(x: newLeft, y: 0), newWidth - newLeft, newHeight, filter)
        } else {
            // What is to be one pixel of so many is told by the first of them.
            ScalePlane(
                base, Int32(bytesPerRow), Int32(min(width, Self.scalableSide)),
                Int32(min(height, Self.scalableSide)), target.base, Int32(target.bytesPerRow), Int32(newWidth),
                Int32(newHeight), filter)
        }
    }

    /// Looks each sample up in `table`; `target` may be the plane itself.
    func copy(to target: Plane, _ width: Int, _ height: Int, through table: [UInt8]) {
        table.withUnsafeBufferPointer { table in
            for y in 0..<height {
                let source = base + y * bytesPerRow, row = target.base + y * target.bytesPerRow
                for x in 0..<width { row[x] = table[Int(source[x])] }
            }
        }
    }
}

/// The scratch memory of one source: as many pieces as pictures are drawn at the same time.
///
/// `@unchecked Sendable` holds because a scratch is either in the pool or with the one call that took it.
final class ScratchPool: @unchecked Sendable {
    private struct Entry: @unchecked Sendable { let scratch: Scratch }
    private let spare = Mutex<[Entry]>([])

    func withScratch<R>(_ body: (Scratch) throws(MediaError) -> R) throws(MediaError) -> R {
        let scratch = spare.withLock { $0.popLast()?.scratch } ?? Scratch()
        defer {
            let entry = Entry(scratch: scratch)
            spare.withLock { $0.append(entry) }
        }
        return try body(scratch)
    }
}
