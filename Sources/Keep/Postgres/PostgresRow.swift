import CPQ
import Foundation
import SQL

/// What a statement was answered, with its columns.
struct PostgresAnswer {
    let result: PostgresResult
    let columns: AnswerColumns

    func forEachRow(_ body: (Row) throws -> Void) throws {
        let source = PostgresRow(self)
        let row = Row(source)
        for index in 0..<PQntuples(result.pointer) {
            source.row = index
            try body(row)
        }
    }
    func rows<T>(_ body: (Row) throws -> T) throws -> [T] {
        var values: [T] = []
        try forEachRow { values.append(try body($0)) }
        return values
    }
}

/// The columns of a statement's answers.
final class AnswerColumns {
    fileprivate let types: [Oid]
    private let names: [String: Int]

    init(_ result: PostgresResult) {
        let all = 0..<PQnfields(result.pointer)
        types = all.map { PQftype(result.pointer, $0) }
        names = Dictionary(
            all.map { (String(cString: PQfname(result.pointer, $0)), Int($0)) }, uniquingKeysWith: { first, _ in first }
        )
    }
    func column(named name: String) -> Int? { names[name] }
}

/// A row of an answer, whose values lie in libpq's memory in the server's binary form.
final class PostgresRow: RowSource {
    /// Binary.
    static let format: Int32 = 1
    private let result: PostgresResult
    private let columns: AnswerColumns
    fileprivate var row: Int32 = 0

    init(_ answer: PostgresAnswer) { (result, columns) = (answer.result, answer.columns) }

    func column(named name: String) -> Int? { columns.column(named: name) }
    func isNull(_ column: Int) -> Bool { PQgetisnull(result.pointer, row, Int32(column)) == 1 }

    private func bytes(_ column: Int) -> UnsafeRawBufferPointer {
        precondition(!isNull(column), "column \(column) is null")
        return UnsafeRawBufferPointer(
            start: PQgetvalue(result.pointer, row, Int32(column)),
            count: Int(PQgetlength(result.pointer, row, Int32(column))))
    }
    private func bigEndian<I: FixedWidthInteger>(_ column: Int, as type: I.Type) -> I {
        I(bigEndian: bytes(column).loadUnaligned(as: I.self))
    }

    func integer(_ column: Int) -> Int64 {
        switch columns.types[column] {
        case PostgresType.int8: bigEndian(column, as: Int64.self)
        case PostgresType.int4: Int64(bigEndian(column, as: Int32.self))
        case PostgresType.int2: Int64(bigEndian(column, as: Int16.self))
        case PostgresType.bool: Int64(bytes(column)[0])
        default: wrong(column, "an integer")
        }
    }
    func real(_ column: Int) -> Double {
        switch columns.types[column] {
        case PostgresType.float8: Double(bitPattern: bigEndian(column, as: UInt64.self))
        case PostgresType.float4: Double(Float(bitPattern: bigEndian(column, as: UInt32.self)))
        default: Double(integer(column))
        }
    }
    func text(_ column: Int) -> String {
        switch columns.types[column] {
        case PostgresType.text, PostgresType.varchar, PostgresType.name: StorableText.decoded(bytes(column))
        default: wrong(column, "text")
        }
    }
    func withBytes<T, E>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> T) throws(E) -> T {
        guard columns.types[column] == PostgresType.bytea else { wrong(column, "bytes") }
        return try body(bytes(column))
    }
    func id(_ column: Int) -> UUID {
        guard columns.types[column] == PostgresType.uuid else { wrong(column, "an id") }
        return UUID(uuid: bytes(column).loadUnaligned(as: uuid_t.self))
    }
    private func wrong(_ column: Int, _ wanted: String) -> Never {
        preconditionFailure("column \(column) is of type \(columns.types[column]) and was read as \(wanted)")
    }
}

/// Source: the server's `pg_type.dat`.
enum PostgresType {
    static let bool: Oid = 16, bytea: Oid = 17, name: Oid = 19, int8: Oid = 20, int2: Oid = 21, int4: Oid = 23
    static let text: Oid = 25, float4: Oid = 700, float8: Oid = 701, varchar: Oid = 1043, uuid: Oid = 2950
    /// The server is to choose.
    static let any: Oid = 0
}
