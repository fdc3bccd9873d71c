import CPQ
import Foundation
import SQL

/// Arguments as libpq takes them, all in the server's binary form.
struct Parameters {
    /// Those that the protocol can count.
    private static let limit = 65_535

    /// `any` where the argument is NULL.
    private(set) var types: [Oid] = []
    /// All arguments one behind the other, and a last byte so that an empty text at the end has an address, too.
    private var bytes: [UInt8] = []
    /// Where each begins; `nil` for NULL.
    private var starts: [Int?] = []
    private var lengths: [Int32] = []

    /// - Throws: `SQLError`, `refused`, for more than a statement takes.
    init(_ arguments: [any Bindable]) throws {
        guard arguments.count <= Self.limit else {
            throw SQLError(.refused, "a statement takes \(Self.limit) arguments at most")
        }
        for argument in arguments {
            switch argument.sql {
            case .null:
                types.append(PostgresType.any)
                starts.append(nil)
                lengths.append(0)
            case .integer(let value): add(PostgresType.int8) { Self.append(value, to: &$0) }
            case .real(let value): add(PostgresType.float8) { Self.append(value.bitPattern, to: &$0) }
            case .text(let value): add(PostgresType.text) { StorableText.append(value, to: &$0) }
            case .blob(let value): add(PostgresType.bytea) { $0 += value }
            case .id(let value): add(PostgresType.uuid) { all in withUnsafeBytes(of: value.uuid) { all += $0 } }
            }
        }
        bytes.append(0)
    }
    private mutating func add(_ type: Oid, _ append: (inout [UInt8]) -> Void) {
        let start = bytes.count
        append(&bytes)
        types.append(type)
        starts.append(start)
        lengths.append(Int32(bytes.count - start))
    }
    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { bytes += $0 }
    }

    /// Calls `body` with where each argument begins, its length and its format.
    func withPointers<R>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>, UnsafePointer<Int32>) throws -> R
    ) rethrows -> R {
        try bytes.withUnsafeBytes { memory in
            let base = memory.baseAddress?.assumingMemoryBound(to: CChar.self)
            let values = starts.map { start in start.flatMap { start in base.map { $0 + start } } }
            return try body(values, lengths, Array(repeating: PostgresRow.format, count: starts.count))
        }
    }
}
