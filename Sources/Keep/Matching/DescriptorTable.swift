import Foundation

/// The descriptors of the subjects of all accounts, those of an account in blocks of its own.
///
/// Whoever searches takes the blocks as they are; a block that is being searched is copied before it is changed. There is no order in them: what
/// is removed leaves its place to the last row.
struct DescriptorTable: Sendable {
    private struct Place: Sendable { var account, row: UInt32 }
    private var accounts: [UUID: UInt32] = [:]
    private var blocks: [[DescriptorBlock]] = []
    private var places: [Int64: Place] = [:]

    var count: Int { places.count }
    /// Of the rows, and about what finding them takes.
    var byteCount: Int { count * DescriptorBlock.bytesPerRow + places.capacity * Self.bytesPerPlace }
    private static let bytesPerPlace = MemoryLayout<Int64>.stride + MemoryLayout<Place>.stride

    mutating func set(_ descriptor: QuantisedDescriptor, of subject: Int64, account: UUID) {
        if let place = places[subject] {
            let (index, row) = Self.position(place)
            return own(place.account, index).set(descriptor, of: subject, at: row)
        }
        let account = number(of: account)
        if blocks[Int(account)].last?.isFull ?? true { blocks[Int(account)].append(DescriptorBlock()) }
        let index = blocks[Int(account)].count - 1
        let block = own(account, index)
        places[subject] = Place(account: account, row: UInt32(index * DescriptorBlock.capacity + block.count))
        block.append(descriptor, of: subject)
    }
    mutating func remove(_ subject: Int64) {
        guard let place = places.removeValue(forKey: subject) else { return }
        let lastIndex = blocks[Int(place.account)].count - 1
        let last = own(place.account, lastIndex)
        let moved = last.subjects[last.count - 1]
        if moved != subject {
            let (index, row) = Self.position(place)
            // The last block must not be asked for twice: whoever holds it here would seem to search it.
            let block = index == lastIndex ? last : own(place.account, index)
            block.set(lastOf: last, at: row)
            places[moved] = place
        }
        last.removeLast()
        if last.count == 0 { blocks[Int(place.account)].removeLast() }
    }
    private mutating func number(of account: UUID) -> UInt32 {
        if let number = accounts[account] { return number }
        let number = UInt32(blocks.count)
        accounts[account] = number
        blocks.append([])
        return number
    }

    /// The block to write into: a copy, where somebody searches it.
    private mutating func own(_ account: UInt32, _ index: Int) -> DescriptorBlock {
        if !isKnownUniquelyReferenced(&blocks[Int(account)][index]) {
            blocks[Int(account)][index] = DescriptorBlock(copying: blocks[Int(account)][index])
        }
        return blocks[Int(account)][index]
    }
    private static func position(_ place: Place) -> (block: Int, row: Int) {
        let position = Int(place.row).quotientAndRemainder(dividingBy: DescriptorBlock.capacity)
        return (position.quotient, position.remainder)
    }

    // MARK: What is searched

    /// All rows of an account, or of all accounts when that is `nil`.
    func portions(of account: UUID?) -> [SearchPortion] {
        let numbers = account.map { account in accounts[account].map { [Int($0)] } ?? [] } ?? Array(blocks.indices)
        return numbers.flatMap { blocks[$0] }.map { SearchPortion(block: $0, count: $0.count, rows: nil) }
    }
    /// The rows of some subjects; those without a descriptor have none.
    func portions(of subjects: [Int64]) -> [SearchPortion] {
        let found = subjects.compactMap { places[$0] }.sorted { ($0.account, $0.row) < ($1.account, $1.row) }
        var portions: [SearchPortion] = []
        var start = 0
        while start < found.count {
            let (account, index) = (found[start].account, Int(found[start].row) / DescriptorBlock.capacity)
            let end = UInt32((index + 1) * DescriptorBlock.capacity)
            var stop = start
            while stop < found.count, found[stop].account == account, found[stop].row < end { stop += 1 }
            let rows = found[start..<stop].map { $0.row % UInt32(DescriptorBlock.capacity) }
            portions.append(
                SearchPortion(block: blocks[Int(account)][index], count: rows.count, rows: rows))
            start = stop
        }
        return portions
    }

    /// What is there: for tests.
    var subjects: Set<Int64> { Set(places.keys) }
    /// Whether each subject is found where it lies, and nothing else lies anywhere.
    var isConsistent: Bool {
        var seen = 0
        for (account, blocks) in blocks.enumerated() {
            for (index, block) in blocks.enumerated() {
                guard block.isFull || index == blocks.count - 1 else { return false }
                for row in 0..<block.count {
                    guard let place = places[block.subjects[row]], Int(place.account) == account,
                        Int(place.row) == index * DescriptorBlock.capacity + row
                    else { return false }
                }
                seen += block.count
            }
        }
        return seen == places.count
    }
}

/// Rows of one block that are to be searched.
struct SearchPortion: Sendable {
    let block: DescriptorBlock
    /// Rows.
    let count: Int
    /// Which; `nil`: the first `count`.
    let rows: [UInt32]?
}
