import CDotProducts
import Records

/// Subjects that may be among those most alike to a reference.
///
/// Products of 8 bits tell within which bounds a cosine lies. Whoever belongs to the `limit` greatest cosines has an upper bound that is not below
/// the `limit`-th greatest lower bound, so nobody who does is ever left out, and the few who remain are judged by what is stored of them.
public struct Shortlist: Sendable {
    public struct Entry: Hashable, Sendable {
        /// The subject's number.
        public let subject: Int64
        /// Between what its cosine lies.
        public let upper, lower: Float
    }
    public private(set) var entries: [Entry] = []
    /// Whose upper bound is below it is not wanted.
    private(set) var floor: Float
    private let limit: Int
    private var room: Int

    /// - Parameters:
    ///   - limit: how many are wanted; `nil`: all above the floor.
    ///   - floor: the smallest cosine that is wanted.
    public init(limit: Int?, floor: Float) {
        (self.limit, self.floor) = (limit ?? .max, floor)
        room = limit.map { 8 * $0 + 512 } ?? .max
    }

    mutating func add(_ entry: Entry) {
        guard entry.upper >= floor else { return }
        entries.append(entry)
        if entries.count >= room { prune() }
    }
    mutating func add(_ other: Shortlist) {
        floor = max(floor, other.floor)
        for entry in other.entries { add(entry) }
    }
    /// Leaves out who cannot be among the wanted any longer. Of many who are equal all stay.
    mutating func prune() {
        guard entries.count > limit else { return }
        let lowers = entries.map(\.lower).sorted(by: >)
        floor = max(floor, lowers[limit - 1])
        entries.removeAll { $0.upper < floor }
        room = max(room, 2 * entries.count)
    }

    /// Looks through a portion.
    /// - Parameter space: for what is found in one.
    mutating func add(_ portion: SearchPortion, _ reference: QuantisedDescriptor, _ space: ScanSpace) {
        let block = portion.block
        let count = reference.codes.withUnsafeBufferPointer { codes in
            func scan(_ rows: UnsafePointer<UInt32>?) -> Int {
                dot_scan(
                    block.codes, block.scaling, rows, portion.count, codes.baseAddress, reference.scaling, floor,
                    space.places, space.uppers, space.lowers)
            }
            return portion.rows.map { $0.withUnsafeBufferPointer { scan($0.baseAddress) } } ?? scan(nil)
        }
        for index in 0..<count {
            add(
                Entry(
                    subject: block.subjects[Int(space.places[index])], upper: space.uppers[index],
                    lower: space.lowers[index]))
        }
    }
}

/// Room for what is found in one portion.
final class ScanSpace {
    let places = UnsafeMutablePointer<UInt32>.allocate(capacity: DescriptorBlock.capacity)
    let uppers = UnsafeMutablePointer<Float>.allocate(capacity: DescriptorBlock.capacity)
    let lowers = UnsafeMutablePointer<Float>.allocate(capacity: DescriptorBlock.capacity)
    deinit {
        places.deallocate()
        uppers.deallocate()
        lowers.deallocate()
    }
}
