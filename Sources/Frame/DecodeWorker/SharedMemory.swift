import CSandbox
import Glibc

/// Memory that two processes share. Its size never changes, and nothing is behind it where nobody has written.
struct SharedMemory: ~Copyable {
    let descriptor: Int32
    let byteCount: Int

    /// - Throws: the reason of the system.
    init(_ name: String, byteCount: Int) throws(WorkerFailure) {
        let descriptor = sl_shared_memory(name, byteCount)
        guard descriptor >= 0 else { throw .cannotStart(errno) }
        (self.descriptor, self.byteCount) = (descriptor, byteCount)
    }
    deinit { close(descriptor) }

    /// Shows it in this process until `unmap`.
    borrowing func map(isWritable: Bool) throws(WorkerFailure) -> UnsafeMutableRawBufferPointer {
        guard let memory = Self.map(descriptor, byteCount, isWritable: isWritable) else { throw .cannotStart(errno) }
        return memory
    }
    static func map(_ descriptor: Int32, _ byteCount: Int, isWritable: Bool) -> UnsafeMutableRawBufferPointer? {
        let protection = isWritable ? PROT_READ | PROT_WRITE : PROT_READ
        let memory = mmap(nil, byteCount, protection, MAP_SHARED, descriptor, 0)
        guard let memory, memory != MAP_FAILED else { return nil }
        return UnsafeMutableRawBufferPointer(start: memory, count: byteCount)
    }
    static func unmap(_ memory: UnsafeMutableRawBufferPointer) { munmap(memory.baseAddress!, memory.count) }
}
