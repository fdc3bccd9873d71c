/// Minimum-cost matching of rows to columns.
enum Assignment {
    /// Pairs as many rows and columns as may be paired at the least total cost.
    ///
    /// Shortest augmenting paths with potentials, O(n²·m). Source: Jonker, Volgenant, "A Shortest Augmenting Path
    /// Algorithm for Dense and Sparse Linear Assignment Problems", Computing 38, 1987, without its initialisation
    /// phases: matrices here are small.
    /// - Parameters:
    ///   - costs: row-major, `rows × columns`, finite. A cost above `limit` means that the two may not be paired.
    ///   - limit: leaving a row and a column unpaired costs this much.
    /// - Returns: for each row its column, or `nil`.
    static func solve(costs: [Float], rows: Int, columns: Int, limit: Float) -> [Int?] {
        precondition(costs.count == rows * columns, "one cost for each pair")
        guard rows > 0, columns > 0 else { return Array(repeating: nil, count: rows) }
        // One more column for each row, at the cost of staying alone, makes every row assignable.
        let width = columns + rows
        func cost(_ row: Int, _ column: Int) -> Float {
            column < columns ? min(costs[row * columns + column], 4 * limit + 1) : limit
        }
        var rowPotential = [Float](repeating: 0, count: rows + 1)
        var columnPotential = [Float](repeating: 0, count: width + 1)
        var rowOfColumn = [Int](repeating: 0, count: width + 1)  // 1-based; 0 is free, column 0 is the search's root
        var previous = [Int](repeating: 0, count: width + 1)

        for row in 1...rows {
            rowOfColumn[0] = row
            var distance = [Float](repeating: .infinity, count: width + 1)
            var isDone = [Bool](repeating: false, count: width + 1)
            var column = 0
            repeat {
                isDone[column] = true
                let current = rowOfColumn[column]
                var nearest = 0
                var step = Float.infinity
                for next in 1...width where !isDone[next] {
                    let reduced = cost(current - 1, next - 1) - rowPotential[current] - columnPotential[next]
                    if reduced < distance[next] {
                        distance[next] = reduced
                        previous[next] = column
                    }
                    if distance[next] < step {
                        step = distance[next]
                        nearest = next
                    }
                }
                for each in 0...width {
                    if isDone[each] {
                        rowPotential[rowOfColumn[each]] += step
                        columnPotential[each] -= step
                    } else {
                        distance[each] -= step
                    }
                }
                column = nearest
            } while rowOfColumn[column] != 0
            repeat {
                let before = previous[column]
                rowOfColumn[column] = rowOfColumn[before]
                column = before
            } while column != 0
        }

        var result = [Int?](repeating: nil, count: rows)
        for column in 1...columns where rowOfColumn[column] > 0 {
            let row = rowOfColumn[column] - 1
            if costs[row * columns + column - 1] <= limit { result[row] = column - 1 }
        }
        return result
    }
}
