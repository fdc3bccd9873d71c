import CPQ
import Foundation
import SQL

/// Runs statements on a connection, as many in one round trip as need no answer in between, and keeps those that were prepared
/// on it. Used on one queue alone.
///
/// Source: PostgreSQL 15, 34.5 "Pipeline Mode". After a statement that fails, the server leaves out all that were sent with it.
final class PostgresPipeline {
    let connection: PostgresConnection
    private var statements = StatementCache<PreparedStatement>()
    private var lastName = 0
    /// Statements that had to make room, and which the server still has.
    private var victims: [String] = []
    /// Statements that were sent and whose answers have not been fetched.
    private var owedCount = 0

    init(_ address: PostgresAddress) throws {
        connection = try PostgresConnection(address)
        try enter()
    }

    /// Runs `commands`, which take no arguments, and then a statement; waits for all of it.
    /// - Returns: the answer to the last.
    /// - Throws: `SQLError`, what the first that failed has to say.
    @discardableResult
    func run(_ commands: [String], _ sql: String? = nil, _ arguments: [any Bindable] = []) throws -> PostgresAnswer {
        try settle()
        let parameters = try Parameters(arguments)
        for command in commands { try send(command) }
        guard let sql else {
            let answers = try fetch()
            if let failure = answers.failure { throw failure }
            return PostgresAnswer(result: answers.last, columns: AnswerColumns(answers.last))
        }
        let (statement, variant, isNew) = try send(sql, parameters)
        let answers = try fetch()
        if isNew, answers.successCount > commands.count { statement.variants.append(variant) }
        if let failure = answers.failure { throw failure }
        let columns = variant.columns ?? AnswerColumns(answers.last)
        variant.columns = columns
        return PostgresAnswer(result: answers.last, columns: columns)
    }

    /// Sends `commands` and does not wait for them.
    func post(_ commands: [String]) throws {
        for command in commands { try send(command) }
        try flush()
    }
    /// Waits for what was posted.
    func settle() throws {
        guard owedCount > 0 else { return }
        if let failure = try fetch(isFlushed: true).failure { throw failure }
    }

    /// Lets the server forget the statements that had to make room. Not within a transaction.
    func tidy() throws {
        guard !victims.isEmpty else { return }
        try run(victims.map { "DEALLOCATE \($0)" })
        victims = []
    }

    /// Runs several statements that are in one text. What was prepared is forgotten: it may not fit the tables any longer.
    func script(_ sql: String) throws {
        try settle()
        guard PQexitPipelineMode(connection.pointer) == 1 else { throw connection.lost() }
        let outcome = Result { try connection.run(sql) }
        statements.removeAll()
        victims = []
        if case .success = outcome { try connection.run("DEALLOCATE ALL") }
        try enter()
        try outcome.get()
    }

    // MARK: libpq

    private func enter() throws {
        guard PQenterPipelineMode(connection.pointer) == 1, PQsetnonblocking(connection.pointer, 1) == 0 else {
            throw connection.lost()
        }
    }
    private func send(_ command: String) throws {
        guard PQsendQueryParams(connection.pointer, command, 0, nil, nil, nil, nil, PostgresRow.format) == 1 else {
            throw connection.lost()
        }
        owedCount += 1
    }
    private func send(
        _ sql: String, _ parameters: Parameters
    ) throws -> (PreparedStatement, PreparedStatement.Variant, isNew: Bool) {
        let statement = statements.find(sql) ?? insert(sql)
        let known = statement.variant(for: parameters.types)
        let variant = known ?? newVariant(parameters.types)
        if known == nil {
            guard
                PQsendPrepare(
                    connection.pointer, variant.name, statement.numbered, Int32(variant.types.count), variant.types)
                    == 1
            else { throw connection.lost() }
            owedCount += 1
        }
        let isSent = parameters.withPointers { values, lengths, formats in
            PQsendQueryPrepared(
                connection.pointer, variant.name, Int32(parameters.types.count), values, lengths, formats,
                PostgresRow.format)
        }
        guard isSent == 1 else { throw connection.lost() }
        owedCount += 1
        return (statement, variant, known == nil)
    }
    private func insert(_ sql: String) -> PreparedStatement {
        let statement = PreparedStatement(sql)
        if let victim = statements.insert(statement, for: sql) { victims += victim.variants.map(\.name) }
        return statement
    }
    private func newVariant(_ types: [Oid]) -> PreparedStatement.Variant {
        lastName += 1
        return PreparedStatement.Variant(name: "s\(lastName)", types: types)
    }

    private func flush() throws {
        guard PQpipelineSync(connection.pointer) == 1 else { throw connection.lost() }
    }
    /// Waits for all answers that are owed.
    private func fetch(isFlushed: Bool = false) throws -> (last: PostgresResult, successCount: Int, failure: SQLError?)
    {
        defer { owedCount = 0 }
        if !isFlushed { try flush() }
        var last: PostgresResult?
        var successCount = 0
        var failure: SQLError?
        /// When an answer does not come, it is the end of the connection, which a failure may have announced.
        func next() throws -> PostgresResult {
            try connection.awaitAnswer()
            if let pointer = PQgetResult(connection.pointer) { return PostgresResult(pointer) }
            let lost = connection.lost()
            throw SQLError(.unavailable, failure?.description ?? lost.description, plain: lost.plain)
        }
        for _ in 0..<owedCount {
            let result = try next()
            if failure == nil {
                failure = connection.error(result)
                if failure == nil { successCount += 1 }
            }
            last = result
            // One answer to each.
            repeat {
                try connection.awaitAnswer()
                guard let more = PQgetResult(connection.pointer) else { break }
                PQclear(more)
            } while PQstatus(connection.pointer) == CONNECTION_OK
        }
        let end = try next()
        guard PQresultStatus(end.pointer) == PGRES_PIPELINE_SYNC, let last else {
            let reason = failure ?? connection.lost()
            throw SQLError(.unavailable, reason.description, plain: reason.plain)
        }
        return (last, successCount, failure)
    }
}

/// A statement as the server knows it: once for each combination of types that its arguments had.
final class PreparedStatement {
    final class Variant {
        let name: String
        /// 0 where the argument was NULL when the statement was prepared: the server chose.
        let types: [Oid]
        /// Known once it has been run.
        var columns: AnswerColumns?
        init(name: String, types: [Oid]) { (self.name, self.types) = (name, types) }
    }
    let numbered: String
    var variants: [Variant] = []
    init(_ sql: String) { numbered = Placeholders.numbered(sql) }

    /// One that takes arguments of `types`; NULL goes with any.
    func variant(for types: [Oid]) -> Variant? {
        variants.first { variant in
            variant.types.count == types.count && zip(variant.types, types).allSatisfy { $1 == 0 || $0 == $1 }
        }
    }
}
