import Foundation
import Records
import Testing

@testable import Matching

extension Descriptor {
    static func random(by generator: inout some RandomNumberGenerator) -> Descriptor {
        Descriptor((0..<Descriptor.count).map { _ in Float.random(in: -1...1, using: &generator) })!
    }
}

/// The same numbers in each run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

extension DescriptorIndex {
    /// With nothing in it yet.
    static func empty() async throws -> DescriptorIndex {
        let index = DescriptorIndex()
        try await index.fill { _ in }
        return index
    }
    func set(_ descriptor: Descriptor, _ subject: Int64, _ account: UUID) {
        apply(.set(subject: subject, account: account, QuantisedDescriptor(descriptor)))
    }
    /// The subjects of the short list, judged by what they have.
    func best(
        _ reference: Descriptor, of account: UUID? = nil, among subjects: [Int64]? = nil, limit: Int,
        _ known: [Int64: Descriptor]
    ) async throws -> [Int64] {
        let lists = try #require(
            await search(
                [QuantisedDescriptor(reference)], account: account, subjects: subjects, limit: limit, floor: -.infinity)
        )
        let judged = lists[0].entries.compactMap { entry in
            known[entry.subject].map { (entry.subject, $0.cosine(to: reference)) }
        }
        return judged.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(limit).map(\.0)
    }
}

struct DescriptorIndexTests {
    /// What an exhaustive search finds.
    private static func best(_ reference: Descriptor, _ known: [Int64: Descriptor], _ limit: Int) -> [Int64] {
        known.map { ($0.key, $0.value.cosine(to: reference)) }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.prefix(limit)
            .map(\.0)
    }

    @Test(arguments: [1, 3, 100]) func theBestAreThoseOfAnExhaustiveSearch(limit: Int) async throws {
        var random = SeededGenerator(UInt64(limit))
        let index = try await DescriptorIndex.empty(), account = UUID()
        var known: [Int64: Descriptor] = [:]
        for subject in 1...Int64(5000) {
            known[subject] = .random(by: &random)
            index.set(known[subject]!, subject, account)
        }
        for _ in 0..<5 {
            let reference = Descriptor.random(by: &random)
            let found = try await index.best(reference, limit: limit, known)
            #expect(found == Self.best(reference, known, limit))
        }
    }

    @Test func aCosineLiesBetweenItsBounds() async throws {
        var random = SeededGenerator(7)
        // Also such as lie badly in 8 bits: one number far greater than all others, and numbers of any size.
        var descriptors = (0..<300).map { _ in Descriptor.random(by: &random) }
        descriptors += (0..<100).map { _ in
            Descriptor((0..<128).map { _ in Float.random(in: -1e-3...1e-3, using: &random) })!
        }
        for place in 0..<128 {
            var values = Descriptor.random(by: &random).values
            values[place] = 1000
            descriptors.append(Descriptor(values)!)
        }
        descriptors.append(Descriptor([1e30] + [Float](repeating: 1e-30, count: 127))!)
        let index = try await DescriptorIndex.empty()
        for (subject, descriptor) in descriptors.enumerated() { index.set(descriptor, Int64(subject), UUID()) }
        for reference in descriptors.shuffled(using: &random).prefix(40) {
            let lists = try #require(
                await index.search(
                    [QuantisedDescriptor(reference)], account: nil, subjects: nil, limit: nil, floor: -.infinity))
            #expect(lists[0].entries.count == descriptors.count)
            for entry in lists[0].entries {
                let cosine = descriptors[Int(entry.subject)].cosine(to: reference)
                #expect(Double(entry.lower) <= cosine && cosine <= Double(entry.upper))
                #expect(entry.upper - entry.lower < 0.25)
            }
        }
    }

    @Test func equalOnesAllStay() async throws {
        var random = SeededGenerator(3)
        let index = try await DescriptorIndex.empty(), one = Descriptor.random(by: &random)
        for subject in 1...Int64(6000) {
            index.set(one, subject, UUID(uuidString: "00000000-0000-0000-0000-000000000001")!)
        }
        let lists = try #require(
            await index.search([QuantisedDescriptor(one)], account: nil, subjects: nil, limit: 3, floor: -.infinity))
        #expect(Set(lists[0].entries.map(\.subject)) == Set(1...6000))
    }

    @Test func whoIsBelowTheFloorIsNotTold() async throws {
        var random = SeededGenerator(5)
        let index = try await DescriptorIndex.empty(), reference = Descriptor.random(by: &random)
        index.set(reference, 1, UUID())
        index.set(Descriptor(reference.values.map(-))!, 2, UUID())
        let lists = try #require(
            await index.search([QuantisedDescriptor(reference)], account: nil, subjects: nil, limit: nil, floor: 0.9))
        #expect(lists[0].entries.map(\.subject) == [1])
    }

    /// Random changes, also while somebody searches, against a dictionary.
    @Test(arguments: 1...4) func itHoldsWhatWasPutIntoIt(seed: Int) async throws {
        var random = SeededGenerator(UInt64(seed) * 7919)
        let index = try await DescriptorIndex.empty(), accounts = [UUID(), UUID()]
        var known: [Int64: Descriptor] = [:]
        func account(_ subject: Int64) -> UUID { accounts[Int(subject % 2)] }
        for round in 0..<6000 {
            let subject = Int64.random(in: 1...9500, using: &random)
            if Int.random(in: 0..<4, using: &random) == 0 {
                index.apply(.removed(subject: subject))
                known[subject] = nil
            } else {
                known[subject] = .random(by: &random)
                index.set(known[subject]!, subject, account(subject))
            }
            guard round % 1000 == 999 else { continue }
            let table = try #require(index.table)
            #expect(table.isConsistent && table.subjects == Set(known.keys))
            let reference = Descriptor.random(by: &random)
            let before = known
            async let searched = index.best(reference, limit: 10, before)
            // Such as would be found, if a search saw what comes after it.
            let later = (0..<50).map { Int64(20_000 + $0) }
            for subject in later { index.set(reference, subject, account(subject)) }
            for subject in later { index.apply(.removed(subject: subject)) }
            #expect(try await searched.allSatisfy { before[$0] != nil })
            #expect(try await index.best(reference, limit: 10, known) == Self.best(reference, known, 10))
            let own = known.filter { account($0.key) == accounts[0] }
            #expect(try await index.best(reference, of: accounts[0], limit: 10, known) == Self.best(reference, own, 10))
            let some = known.filter { $0.key % 7 == 0 }
            let named = Array(some.keys) + [99_999]
            #expect(try await index.best(reference, among: named, limit: 10, known) == Self.best(reference, some, 10))
        }
    }

    @Test func whatIsRemovedIsOverwritten() async throws {
        var random = SeededGenerator(11)
        let block = DescriptorBlock()
        for subject in 1...Int64(3) { block.append(QuantisedDescriptor(.random(by: &random)), of: subject) }
        let last = UnsafeBufferPointer(start: block.codes + 2 * Descriptor.count, count: Descriptor.count)
        #expect(last.contains { $0 != 0 })
        block.removeLast()
        let scaling = UnsafeRawBufferPointer(start: block.scaling + 2, count: 8)
        #expect(block.count == 2 && last.allSatisfy { $0 == 0 } && block.subjects[2] == 0)
        #expect(scaling.allSatisfy { $0 == 0 })
    }

    @Test func whoSearchesKeepsWhatHeHas() async throws {
        var random = SeededGenerator(13)
        let index = try await DescriptorIndex.empty(), account = UUID()
        for subject in 1...Int64(3) { index.set(.random(by: &random), subject, account) }
        let portion = try #require(index.table?.portions(of: account).first)
        index.apply(.removed(subject: 1))
        #expect(portion.count == 3 && (0..<3).map { portion.block.subjects[$0] } == [1, 2, 3])
        #expect(index.table?.subjects == [2, 3])
    }

    // MARK: Being read

    @Test func whatChangesWhileItIsReadIsNotLost() async throws {
        var random = SeededGenerator(17)
        let descriptors = (0..<4).map { _ in Descriptor.random(by: &random) }
        let index = DescriptorIndex(), account = UUID()
        index.set(descriptors[0], 9, account)  // nobody has asked for anything yet
        try await index.fill { take in
            take([.set(subject: 1, account: account, QuantisedDescriptor(descriptors[0]))])
            index.apply(.removed(subject: 1))
            index.set(descriptors[1], 2, account)
            index.set(descriptors[2], 3, account)
            take([
                .set(subject: 3, account: account, QuantisedDescriptor(descriptors[3])),
                .set(subject: 4, account: account, QuantisedDescriptor(descriptors[3])),
            ])
            #expect(!index.isKnown)
        }
        #expect(index.table?.subjects == [2, 3, 4] && index.table?.isConsistent == true)
        let known: [Int64: Descriptor] = [2: descriptors[1], 3: descriptors[2], 4: descriptors[3]]
        #expect(try await index.best(descriptors[2], limit: 1, known) == [3])
    }

    @Test func doubtsMakeItBeReadAgain() async throws {
        let index = DescriptorIndex()
        try await index.fill { _ in index.doubt() }
        #expect(!index.isKnown)
        try await index.fill { _ in }
        #expect(index.isKnown)
        index.doubt()
        #expect(!index.isKnown)
        #expect(await index.search([], account: nil, subjects: nil, limit: 1, floor: 0) == nil)
        struct Failure: Error {}
        await #expect(throws: Failure.self) { try await index.fill { _ in throw Failure() } }
        #expect(!index.isKnown && index.size.subjects == 0)
    }
}
