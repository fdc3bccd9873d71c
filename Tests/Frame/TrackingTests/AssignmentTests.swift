import Testing

@testable import Tracking

struct AssignmentTests {
    @Test func takesTheCheapestMatchingAndNotTheCheapestPairFirst() {
        // Greedy would take (0, 0) at 1 and be left with 10; the best total is 2 + 2.
        let costs: [Float] = [1, 2, 2, 10]
        #expect(Assignment.solve(costs: costs, rows: 2, columns: 2, limit: 20) == [1, 0])
    }

    @Test func leavesARowAloneWhenItsCostIsAboveTheLimit() {
        #expect(Assignment.solve(costs: [0.1, 0.9, 0.9, 0.8], rows: 2, columns: 2, limit: 0.5) == [0, nil])
    }

    @Test(arguments: [(0, 3), (3, 0), (0, 0)])
    func handlesEmptySides(rows: Int, columns: Int) {
        #expect(
            Assignment.solve(costs: [], rows: rows, columns: columns, limit: 1) == Array(repeating: nil, count: rows))
    }

    @Test func usesEachColumnOnceWhenRowsAreMany() {
        let result = Assignment.solve(costs: [0.2, 0.1, 0.3], rows: 3, columns: 1, limit: 1)
        #expect(result == [nil, 0, nil])
    }

    /// Every matching of small random matrices, tried one by one, is no cheaper than the one found.
    @Test func isOptimalOnRandomMatrices() {
        var generator = SplitMix(state: 7)
        for _ in 0..<200 {
            let rows = Int.random(in: 1...5, using: &generator), columns = Int.random(in: 1...5, using: &generator)
            let costs = (0..<rows * columns).map { _ in Float.random(in: 0...1, using: &generator) }
            let limit: Float = 0.6
            let found = Assignment.solve(costs: costs, rows: rows, columns: columns, limit: limit)
            let total = Self.total(of: found, costs, columns, limit)
            #expect(abs(total - Self.best(costs, rows, columns, limit, row: 0, used: [])) < 1e-4)
        }
    }

    private static func total(of matching: [Int?], _ costs: [Float], _ columns: Int, _ limit: Float) -> Float {
        matching.enumerated().reduce(0) { sum, pair in
            sum + (pair.element.map { costs[pair.offset * columns + $0] } ?? limit)
        }
    }
    private static func best(
        _ costs: [Float], _ rows: Int, _ columns: Int, _ limit: Float, row: Int, used: Set<Int>
    ) -> Float {
        guard row < rows else { return 0 }
        var least = limit + best(costs, rows, columns, limit, row: row + 1, used: used)
        for column in 0..<columns where !used.contains(column) && costs[row * columns + column] <= limit {
            let rest = best(costs, rows, columns, limit, row: row + 1, used: used.union([column]))
            least = min(least, costs[row * columns + column] + rest)
        }
        return least
    }
}

/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
