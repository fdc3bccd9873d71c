import CPQ
import Records
import SQL

/// A transaction as its body sees it.
///
/// What has no answer (its beginning, savepoints) is sent together with the statement that follows.
final class PostgresTransaction: Connection {
    let dialect = Dialect.postgres
    private(set) var changes: Set<Change> = []
    private var actions: [@Sendable () -> Void] = []
    private var pipeline: PostgresPipeline
    /// Gives another pipeline in place of one that turns out to be dead before the server has said anything in this transaction.
    private var renewed: (() throws -> PostgresPipeline)?
    /// What goes to the server before the next statement.
    private var pending: [String]
    /// Round trips so far.
    private var tripCount = 0
    private var savepointCount = 0

    init(_ begin: String, on pipeline: PostgresPipeline, renewed: @escaping () throws -> PostgresPipeline) {
        pending = [begin]
        (self.pipeline, self.renewed) = (pipeline, renewed)
    }

    private func run(_ sql: String? = nil, _ arguments: [any Bindable] = []) throws -> PostgresAnswer {
        do {
            defer {
                tripCount += 1
                if pipeline.connection.isAlive { renewed = nil }
            }
            let answer = try pipeline.run(pending, sql, arguments)
            pending = []
            return answer
        } catch {
            guard !pipeline.connection.isAlive, let renewed else {
                pending = []
                throw error
            }
            // Nothing of this transaction has been seen or committed, so it begins anew.
            self.renewed = nil
            pipeline = try renewed()
            return try run(sql, arguments)
        }
    }

    // MARK: Connection

    func execute(_ sql: String, _ arguments: [any Bindable]) throws -> Int {
        try run(sql, arguments).result.changedCount
    }
    func forEachRow(_ sql: String, _ arguments: [any Bindable], _ body: (Row) throws -> Void) throws {
        try run(sql, arguments).forEachRow(body)
    }
    func script(_ sql: String) throws {
        if !pending.isEmpty { _ = try run() }
        try pipeline.script(sql)
    }
    func savepoint<T>(_ body: () throws -> T) throws -> T {
        savepointCount += 1
        defer { savepointCount -= 1 }
        let name = "point\(savepointCount)"
        let (unsent, trips, told, asked) = (pending, tripCount, changes, actions.count)
        pending.append("SAVEPOINT \(name)")
        do {
            let value = try body()
            pending.append("RELEASE \(name)")
            return value
        } catch {
            changes = told
            actions.removeSubrange(asked...)
            // Savepoints within this one go with it.
            pending = trips == tripCount ? unsent : ["ROLLBACK TO \(name)", "RELEASE \(name)"]
            throw error
        }
    }
    func changed(_ change: Change) { changes.insert(change) }
    func afterCommit(_ action: @escaping @Sendable () -> Void) { actions.append(action) }

    // MARK: Its end

    /// Commits, and tells listeners what has changed. Lost while this is under way, nobody knows whether it was committed.
    func commit() throws {
        if tripCount == 0, changes.isEmpty { return }  // the server has not heard of it
        if !changes.isEmpty { pending.append("NOTIFY \(ChangeMessage.channel), '\(ChangeMessage.text(changes))'") }
        pending.append("COMMIT")
        renewed = nil
        // A transaction in which a statement has failed is taken back by COMMIT, too, and without an error.
        guard try run().result.command == "COMMIT" else {
            throw SQLError(.refused, "a statement of the transaction failed, so nothing of it was written")
        }
        for action in actions { action() }
    }
    /// Ends a transaction that has written nothing, without waiting for the server. What was read holds also when that has gone.
    func leave() {
        if tripCount > 0 { try? pipeline.post(["COMMIT"]) }
    }
    func rollBack() {
        guard tripCount > 0, pipeline.connection.isAlive else { return }
        pending = ["ROLLBACK"]
        renewed = nil
        if (try? run()) == nil { _ = pipeline.connection.lost() }
    }
}
