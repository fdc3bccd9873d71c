import Foundation
import Testing

@testable import Setup

struct HeapTests {
    /// Left to itself, glibc takes such blocks from its heaps once a larger one was given back, and what then lies around them keeps
    /// them. It notes beside each block whether it is a mapping of its own (malloc/malloc.c, `IS_MMAPPED`). Holes that other tests have
    /// left in the heaps are filled first, so blocks are taken until one is a mapping; without the limit none ever is.
    @Test func theMemoryOfPicturesIsGivenBackWhateverWasBefore() throws {
        limitHeaps()
        for _ in 0..<4 { free(malloc(8 << 20)) }
        var pictures: [UnsafeMutableRawPointer] = []
        defer { pictures.forEach { free($0) } }
        var isMapping = false
        while !isMapping, pictures.count < 8192 {
            let picture = try #require(malloc(256 << 10))
            pictures.append(picture)
            isMapping = UnsafeRawPointer(picture).load(fromByteOffset: -MemoryLayout<UInt>.size, as: UInt.self) & 2 != 0
        }
        #expect(isMapping)
    }
}
