public import Foundation

/// The row that a statement has come to, as a library gives it. Columns are counted from 0. Reading a column as something it is
/// not is a mistake of ours, and ends the process, or where a damaged file may show such a thing, the statement.
public protocol RowSource: AnyObject {
    func isNull(_ column: Int) -> Bool
    func integer(_ column: Int) -> Int64
    func real(_ column: Int) -> Double
    func text(_ column: Int) -> String
    /// Bytes where the library keeps them; valid only while `body` runs.
    func withBytes<T, E>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> T) throws(E) -> T
    func id(_ column: Int) -> UUID
    /// `nil` when there is no column of that name.
    func column(named name: String) -> Int?
}

/// One row of an answer; valid only while the closure runs that it was handed to.
public struct Row {
    @usableFromInline let source: any RowSource
    public init(_ source: any RowSource) { self.source = source }

    /// The column at a place: the fast way, for long lists.
    @inlinable public subscript<T: Readable>(_ column: Int) -> T { T(source, at: column) }
    /// The column of a name.
    public subscript<T: Readable>(_ name: String) -> T {
        guard let column = source.column(named: name) else { preconditionFailure("no column '\(name)' was selected") }
        return T(source, at: column)
    }
}

extension Row {
    /// What is made of bytes without a copy of them.
    @inlinable public func withBytes<T, E>(
        _ column: Int, _ body: (UnsafeRawBufferPointer) throws(E) -> T
    ) throws(E) -> T { try source.withBytes(column, body) }
}

/// A type that a column can be read as.
public protocol Readable {
    init(_ source: any RowSource, at column: Int)
}
extension Int64: Readable {
    @inlinable public init(_ source: any RowSource, at column: Int) { self = source.integer(column) }
}
extension Int: Readable {
    @inlinable public init(_ source: any RowSource, at column: Int) { self = Int(source.integer(column)) }
}
extension Bool: Readable {
    @inlinable public init(_ source: any RowSource, at column: Int) { self = source.integer(column) != 0 }
}
extension Double: Readable {
    @inlinable public init(_ source: any RowSource, at column: Int) { self = source.real(column) }
}
extension String: Readable {
    @inlinable public init(_ source: any RowSource, at column: Int) { self = source.text(column) }
}
extension UUID: Readable {
    @inlinable public init(_ source: any RowSource, at column: Int) { self = source.id(column) }
}
extension Data: Readable {
    @inlinable public init(_ source: any RowSource, at column: Int) { self = source.withBytes(column) { Data($0) } }
}
extension Array: Readable where Element == UInt8 {
    @inlinable public init(_ source: any RowSource, at column: Int) { self = source.withBytes(column) { Array($0) } }
}
extension Optional: Readable where Wrapped: Readable {
    @inlinable public init(_ source: any RowSource, at column: Int) {
        self = source.isNull(column) ? nil : Wrapped(source, at: column)
    }
}
