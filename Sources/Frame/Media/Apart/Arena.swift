import CFFmpeg
import Glibc

/// Gives out pieces of memory that two processes share, whole pages each. What is free has no memory behind it.
/// Belongs to one thread.
final class Arena: PictureArena {
    private let memory: UnsafeMutableRawBufferPointer
    private let page: Int
    /// In order, never touching.
    private var free: [Range<Int>]

    /// - Parameters:
    ///   - memory: all zero, page-aligned.
    ///   - page: bytes of the system's pages, 4 to 64 KiB: a piece that is given back is rounded up to them.
    init(_ memory: UnsafeMutableRawBufferPointer, page: Int = Int(getpagesize())) {
        (self.memory, self.page) = (memory, page)
        free = [0..<memory.count / page * page]
    }

    private func pages(_ byteCount: Int) -> Int { (byteCount + page - 1) / page * page }

    func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        let count = pages(byteCount)
        guard let index = free.firstIndex(where: { $0.count >= count }) else { return nil }
        let start = free[index].lowerBound
        free[index] = start + count..<free[index].upperBound
        if free[index].isEmpty { free.remove(at: index) }
        return memory.baseAddress! + start
    }

    func free(_ bytes: UnsafeMutableRawPointer, _ byteCount: Int) {
        let start = bytes - memory.baseAddress!, count = pages(byteCount)
        // The next who gets it finds zeros, and the machine its memory.
        let remove: Int32 = 9  // MADV_REMOVE
        if madvise(bytes, count, remove) != 0 { memset(bytes, 0, count) }
        var piece = start..<start + count
        let index = free.firstIndex { $0.lowerBound > start } ?? free.endIndex
        if index < free.endIndex, free[index].lowerBound == piece.upperBound {
            piece = piece.lowerBound..<free.remove(at: index).upperBound
        }
        if index > 0, free[index - 1].upperBound == piece.lowerBound {
            free[index - 1] = free[index - 1].lowerBound..<piece.upperBound
        } else {
            free.insert(piece, at: index)
        }
    }

    /// Where the planes of `frame` begin; -1 where there is none. `nil` when one lies elsewhere, or upside down.
    func offsets(of frame: UnsafeMutablePointer<AVFrame>) -> SIMD4<Int64>? {
        var offsets = SIMD4<Int64>(repeating: -1)
        for plane in 0..<4 {
            guard let data = frame.planes[plane] else { continue }
            let offset = UnsafeMutableRawPointer(data) - memory.baseAddress!
            guard (0..<memory.count).contains(offset), frame.bytesPerRow(plane) >= 0 else { return nil }
            offsets[plane] = Int64(offset)
        }
        return offsets
    }
}
