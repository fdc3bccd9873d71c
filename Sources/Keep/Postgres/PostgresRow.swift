import CPQ
import Foundation
import SQL

/// A row of an answer, whose values lie in libpq's memory in the server's binary form.
final class PostgresRow: RowSource {
    /// Binary.
    static let format: Int32 = 1
    private let result: PostgresResult
    private let types: [Oid]
    var row: Int32 = 0

    init(_ result: PostgresResult) {
        self.result = result
        types = (0..<PQnfields(result.pointer)).map { PQftype(result.pointer, $0) }
    }

    func column(named name: String) -> Int? {
        let column = PQfnumber(result.pointer, name)
        return column < 0 ? nil : Int(column)
    }
    func isNull(_ column: Int) -> Bool { PQgetisnull(result.pointer, row, Int32(column)) == 1 }

    /// Source: the server's `pg_type.dat`.
    private enum Kind {
        static let bool: Oid = 16, bytea: Oid = 17, int8: Oid = 20, int2: Oid = 21, int4: Oid = 23, text: Oid = 25
        static let float4: Oid = 700, float8: Oid = 701, varchar: Oid = 1043, name: Oid = 19, uuid: Oid = 2950
        static let unknown: Oid = 705
    }
    private func bytes(_ column: Int) -> UnsafeBufferPointer<UInt8> {
        precondition(!isNull(column), "column \(column) is null")
        let length = Int(PQgetlength(result.pointer, row, Int32(column)))
        let start = PQgetvalue(result.pointer, row, Int32(column)).map { UnsafeRawPointer($0) }
        return UnsafeBufferPointer(start: start?.assumingMemoryBound(to: UInt8.self), count: length)
    }
    private func bigEndian<I: FixedWidthInteger>(_ column: Int, as type: I.Type) -> I {
        I(bigEndian: UnsafeRawBufferPointer(bytes(column)).loadUnaligned(as: I.self))
    }

    func integer(_ column: Int) -> Int64 {
        switch types[column] {
        case Kind.int8: bigEndian(column, as: Int64.self)
        case Kind.int4: Int64(bigEndian(column, as: Int32.self))
        case Kind.int2: Int64(bigEndian(column, as: Int16.self))
        case Kind.bool: Int64(bytes(column)[0])
        default: wrong(column, "an integer")
        }
    }
    func real(_ column: Int) -> Double {
        switch types[column] {
        case Kind.float8: Double(bitPattern: bigEndian(column, as: UInt64.self))
        case Kind.float4: Double(Float(bitPattern: bigEndian(column, as: UInt32.self)))
        default: Double(integer(column))
        }
    }
    func text(_ column: Int) -> String {
        switch types[column] {
        case Kind.text, Kind.varchar, Kind.name, Kind.unknown: StorableText.decoded(bytes(column))
        default: wrong(column, "text")
        }
    }
    func blob(_ column: Int) -> [UInt8] {
        guard types[column] == Kind.bytea else { wrong(column, "bytes") }
        return Array(bytes(column))
    }
    func id(_ column: Int) -> UUID {
        guard types[column] == Kind.uuid else { wrong(column, "an id") }
        return UUID(uuid: UnsafeRawBufferPointer(bytes(column)).loadUnaligned(as: uuid_t.self))
    }
    private func wrong(_ column: Int, _ wanted: String) -> Never {
        preconditionFailure("column \(column) is of type \(types[column]) and was read as \(wanted)")
    }
}
