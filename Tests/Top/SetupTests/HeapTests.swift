import Foundation
import Testing

@testable import Setup

struct HeapTests {
    /// Left to itself, glibc takes such blocks from its heaps once a larger one was given back, and what then lies around them keeps
    /// them. It notes beside each block whether it is a mapping of its own (malloc/malloc.c, `IS_MMAPPED`).
    @Test func theMemoryOfPicturesIsGivenBackWhateverWasBefore() throws {
        limitHeaps()
        for _ in 0..<4 { free(malloc(8 << 20)) }
        let picture = try #require(malloc(256 << 10))
        defer { free(picture) }
        let head = UnsafeRawPointer(picture).load(fromByteOffset: -MemoryLayout<UInt>.size, as: UInt.self)
        #expect(head & 2 != 0)
    }
}
