import Glibc
import Testing

@testable import Media

/// Pieces of shared memory, with pages as some kernels on aarch64 have them.
struct ArenaTests {
    @Test(arguments: [4096, 16_384, 65_536]) func piecesShareNoPage(page: Int) throws {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 * page + 1000, alignment: page)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        let arena = Arena(memory, page: page)
        let sizes = [1, page, page + 1]
        let pieces = try sizes.map { try #require(arena.allocate($0)) }
        #expect(pieces.map { $0 - memory.baseAddress! } == [0, page, 2 * page])
        #expect(arena.allocate(1) == nil, "what is left is no page")
        for (piece, size) in zip(pieces, sizes) { piece.initializeMemory(as: UInt8.self, repeating: 7, count: size) }
        arena.free(pieces[1], sizes[1])
        let bytes = Array(memory)
        #expect(bytes[page..<2 * page].allSatisfy { $0 == 0 })
        #expect(bytes[0] == 7 && bytes[2 * page...3 * page].allSatisfy { $0 == 7 }, "neighbours stay as they are")
        #expect(arena.allocate(page) == pieces[1])
    }

    /// What the kernel gives back is whole pages of its own.
    @Test func pagesAreThoseOfTheSystem() throws {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 65_536)
        defer { memory.deallocate() }
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        let arena = Arena(memory)
        let first = try #require(arena.allocate(1)), second = try #require(arena.allocate(1))
        #expect(second - first == Int(getpagesize()))
    }
}
