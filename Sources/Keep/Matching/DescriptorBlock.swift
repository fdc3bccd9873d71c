import Foundation
import CDotProducts
import Records

/// Rows of a table of descriptors, side by side in memory, which is overwritten when they go.
///
/// `@unchecked Sendable` holds because whoever searches only reads, and whoever writes holds the only reference: see `DescriptorTable`.
final class DescriptorBlock: @unchecked Sendable {
    static let capacity = 4096
    static let bytesPerRow = Descriptor.count + MemoryLayout<dot_scaling>.stride + MemoryLayout<Int64>.stride

    private(set) var count = 0
    /// Untouched rows cost nothing: the system gives memory page by page.
    private let memory: UnsafeMutableRawPointer
    let codes: UnsafeMutablePointer<Int8>
    let scaling: UnsafeMutablePointer<dot_scaling>
    /// The number of the subject in each row.
    let subjects: UnsafeMutablePointer<Int64>

    init() {
        guard let memory = calloc(Self.capacity, Self.bytesPerRow) else { fatalError("calloc: out of memory") }
        self.memory = memory
        let capacity = Self.capacity
        subjects = memory.bindMemory(to: Int64.self, capacity: capacity)
        let behindSubjects = memory + capacity * MemoryLayout<Int64>.stride
        scaling = behindSubjects.bindMemory(to: dot_scaling.self, capacity: capacity)
        let behindScaling = behindSubjects + capacity * MemoryLayout<dot_scaling>.stride
        codes = behindScaling.bindMemory(to: Int8.self, capacity: capacity * Descriptor.count)
    }
    convenience init(copying other: DescriptorBlock) {
        self.init()
        count = other.count
        subjects.update(from: other.subjects, count: count)
        scaling.update(from: other.scaling, count: count)
        codes.update(from: other.codes, count: count * Descriptor.count)
    }
    deinit {
        erase(0..<count)
        free(memory)
    }

    var isFull: Bool { count == Self.capacity }

    func append(_ descriptor: QuantisedDescriptor, of subject: Int64) {
        count += 1
        set(descriptor, of: subject, at: count - 1)
    }
    func set(_ descriptor: QuantisedDescriptor, of subject: Int64, at row: Int) {
        subjects[row] = subject
        scaling[row] = descriptor.scaling
        descriptor.codes.withUnsafeBufferPointer { codes in
            guard let start = codes.baseAddress else { return }
            (self.codes + row * Descriptor.count).update(from: start, count: Descriptor.count)
        }
    }
    /// Puts the last row of `other` in the place of a row.
    func set(lastOf other: DescriptorBlock, at row: Int) {
        let last = other.count - 1
        subjects[row] = other.subjects[last]
        scaling[row] = other.scaling[last]
        (codes + row * Descriptor.count).update(from: other.codes + last * Descriptor.count, count: Descriptor.count)
    }
    func removeLast() {
        count -= 1
        erase(count..<count + 1)
    }
    private func erase(_ rows: Range<Int>) {
        dot_erase(subjects + rows.lowerBound, rows.count * MemoryLayout<Int64>.stride)
        dot_erase(scaling + rows.lowerBound, rows.count * MemoryLayout<dot_scaling>.stride)
        dot_erase(codes + rows.lowerBound * Descriptor.count, rows.count * Descriptor.count)
    }
}
