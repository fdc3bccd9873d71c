import Dispatch

/// The two threads on which descriptors are searched, whoever asks: live streams keep the rest of the machine, and go before.
struct SearchThreads: Sendable {
    static let count = 2
    /// Rows below which a second thread costs more than it brings.
    static let rowsWorthAThread = 16_384
    private let queues = (0..<count).map { DispatchQueue(label: "matching \($0)", qos: .utility) }

    /// What is on the short list of each reference.
    func search(
        _ references: [QuantisedDescriptor], in portions: [SearchPortion], _ empty: Shortlist
    ) async -> [Shortlist] {
        let rows = portions.reduce(0) { $0 + $1.count }
        let isSmall = rows * references.count < Self.rowsWorthAThread
        let parts = isSmall ? [portions[...]] : Self.halves(portions, rows: rows)
        let first = Int.random(in: 0..<Self.count)
        return await withTaskGroup(of: [Shortlist].self) { group in
            for (index, part) in parts.enumerated() {
                let queue = queues[(first + index) % Self.count]
                group.addTask { await queue.search(references, in: part, empty) }
            }
            var lists = references.map { _ in empty }
            for await found in group {
                for index in lists.indices { lists[index].add(found[index]) }
            }
            for index in lists.indices { lists[index].prune() }
            return lists
        }
    }
    private static func halves(_ portions: [SearchPortion], rows: Int) -> [ArraySlice<SearchPortion>] {
        var count = 0
        let middle = portions.firstIndex { portion in
            count += portion.count
            return 2 * count >= rows
        }
        let cut = min(portions.count, (middle ?? 0) + 1)
        return [portions[..<cut], portions[cut...]].filter { !$0.isEmpty }
    }
}

extension DispatchQueue {
    fileprivate func search(
        _ references: [QuantisedDescriptor], in portions: ArraySlice<SearchPortion>, _ empty: Shortlist
    ) async -> [Shortlist] {
        await withCheckedContinuation { continuation in
            async {
                var lists = references.map { _ in empty }
                let space = ScanSpace()
                // A block at a time, as long as it is in the processor's cache.
                for portion in portions {
                    for (index, reference) in references.enumerated() { lists[index].add(portion, reference, space) }
                }
                continuation.resume(returning: lists)
            }
        }
    }
}
