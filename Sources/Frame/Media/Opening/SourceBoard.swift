import Synchronization

/// The numbers that the thread of a source and whoever uses the source tell each other while it runs. They lie in memory that both
/// see, be it of one process or shared by two.
///
/// `@unchecked Sendable` holds because every access is atomic and the memory lives until `deinit`. Where the other side is another
/// process, it may have written any number.
package final class SourceBoard: @unchecked Sendable {
    package enum Word: Int, CaseIterable {
        /// Of `Interrupt`: microseconds on FFmpeg's clock.
        case start, patience, limit, cancelled
        /// Of `Arrivals`: nanoseconds on the clock that all processes share.
        case waitingSince, packets
        case framesDecoded, packetsCorrupt, packetsLost, formatChanges
        /// Of `PictureBudget`.
        case pictureBytes, refusedBytes
        /// When the thread last showed that it goes on, in microseconds on FFmpeg's clock.
        case beat
        /// Pictures that were taken from a process apart, and how often one was given back or taken.
        case taken, bell
        /// Whether the process apart waits for `bell`.
        case sleeps
        /// Who wants the coded video, a number each time somebody begins; 0: nobody.
        case videoWanted
    }
    /// Pictures of a process apart that may be elsewhere at once, and how many such processes there may be one after the other.
    package static let slots = 256, lanes = 4
    private static let firstSlot = 32
    /// Bytes of all words and slots.
    package static let byteCount = 16_384
    /// Nobody lives to count more.
    private static let mostCounted: Int64 = 1 << 48
    /// For `waitingSince`: nobody waits.
    static let never = Int64.min

    private let base: UnsafeMutablePointer<Atomic<Int64>>
    private let release: @Sendable () -> Void

    /// Numbers within this process.
    package convenience init() {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.byteCount, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0)
        nonisolated(unsafe) let address = memory
        self.init(address.baseAddress!) { address.deallocate() }
        reset()
    }
    /// - Parameters:
    ///   - memory: `byteCount` bytes, page-aligned; what they hold is kept.
    ///   - release: lets the memory go.
    package init(_ memory: UnsafeMutableRawPointer, release: @escaping @Sendable () -> Void) {
        base = memory.assumingMemoryBound(to: Atomic<Int64>.self)
        self.release = release
    }
    deinit { release() }

    /// As before anything has happened.
    package func reset() {
        for word in Word.allCases { self[word] = 0 }
        (self[.patience], self[.limit], self[.waitingSince]) = (.max, .max, Self.never)
    }

    package subscript(word: Word) -> Int64 {
        get { base[word.rawValue].load(ordering: .relaxed) }
        set { base[word.rawValue].store(newValue, ordering: .relaxed) }
    }
    /// As a count of something; never below zero, and never so much that sums of counts overflow.
    func count(_ word: Word) -> Int { Int(min(max(0, self[word]), Self.mostCounted)) }
    /// Returns the sum.
    @discardableResult
    package func add(_ number: Int64, to word: Word) -> Int64 {
        base[word.rawValue].wrappingAdd(number, ordering: .acquiringAndReleasing).newValue
    }
    package func setFlag(_ word: Word, _ isUp: Bool) {
        base[word.rawValue].store(isUp ? 1 : 0, ordering: .sequentiallyConsistent)
    }
    package func flag(_ word: Word) -> Bool { base[word.rawValue].load(ordering: .sequentiallyConsistent) != 0 }

    /// Whether the picture in a slot of a process apart is elsewhere. Its lane is its own, so that the pictures of one that has died
    /// are told from those of the next.
    package func isLent(slot: Int, lane: Int) -> Bool { slotWord(slot, lane).pointee.load(ordering: .acquiring) != 0 }
    package func setLent(_ isLent: Bool, slot: Int, lane: Int) {
        slotWord(slot, lane).pointee.store(isLent ? 1 : 0, ordering: .releasing)
    }
    private func slotWord(_ slot: Int, _ lane: Int) -> UnsafeMutablePointer<Atomic<Int64>> {
        base + Self.firstSlot + lane * Self.slots + slot
    }
    /// Where the word lies, for calls of the system.
    package func address(of word: Word) -> UnsafeMutableRawPointer { UnsafeMutableRawPointer(base + word.rawValue) }
}
