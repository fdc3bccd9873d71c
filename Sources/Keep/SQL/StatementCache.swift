/// Prepared statements of one connection, by their text; at most `capacity`, so that texts of ever new lengths do no harm.
public struct StatementCache<Statement> {
    private var statements: [String: (statement: Statement, use: Int)] = [:]
    private var uses = 0
    private let capacity: Int
    public init(capacity: Int = 256) { self.capacity = capacity }

    public mutating func find(_ sql: String) -> Statement? {
        guard let index = statements.index(forKey: sql) else { return nil }
        uses += 1
        statements.values[index].use = uses
        return statements.values[index].statement
    }
    /// Keeps `statement`.
    /// - Returns: the one that was used least lately and had to go, if there was no room.
    public mutating func insert(_ statement: Statement, for sql: String) -> Statement? {
        uses += 1
        var victim: Statement?
        if statements.count >= capacity, let oldest = statements.min(by: { $0.value.use < $1.value.use }) {
            victim = oldest.value.statement
            statements[oldest.key] = nil
        }
        statements[sql] = (statement, uses)
        return victim
    }
    /// Forgets one that can be used no longer.
    public mutating func remove(_ sql: String) { statements[sql] = nil }
    public mutating func removeAll() { statements.removeAll() }
}
