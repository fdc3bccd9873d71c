public import Foundation
import Synchronization

/// The descriptors of all subjects of a kind, such as faces or events, in memory, to be searched: exact, and in step with the database that
/// they are kept in.
///
/// What a transaction changes is told to `apply` when it has been committed, in the order of commits and before anybody is told that it was.
/// While the subjects are being read from the database such changes wait, and are made afterwards: made twice, a change changes nothing.
public final class DescriptorIndex: Sendable {
    /// What a commit has changed of a subject, which is known by its number in the database.
    public enum Change: Sendable {
        case set(subject: Int64, account: UUID, QuantisedDescriptor)
        case removed(subject: Int64)
    }
    private enum State {
        /// Nothing is known, or not for sure.
        case unknown
        /// Being read, with what has been changed meanwhile; `false`: it must be read again.
        case reading([Change], isGood: Bool)
        case known(DescriptorTable)
    }
    private let state = Mutex(State.unknown)
    private let threads: SearchThreads

    public init() { threads = SearchThreads() }
    /// One of another kind of subjects, searched by the same threads.
    public init(beside other: DescriptorIndex) { threads = other.threads }

    /// Whether it can be searched.
    public var isKnown: Bool { state.withLock { if case .known = $0 { true } else { false } } }
    /// Subjects, and the bytes that they take.
    public var size: (subjects: Int, bytes: Int) {
        state.withLock { if case .known(let table) = $0 { (table.count, table.byteCount) } else { (0, 0) } }
    }

    public func apply(_ change: Change) {
        state.withLock { state in
            switch state {
            case .unknown: break
            case .reading(var changes, let isGood):
                state = .unknown  // so that the list is not copied
                changes.append(change)
                state = .reading(changes, isGood: isGood)
            case .known(var table):
                state = .unknown
                table.make(change)
                state = .known(table)
            }
        }
    }
    /// Nobody knows whether a commit was carried out: what is stored must be read again.
    public func doubt() {
        state.withLock { state in
            switch state {
            case .unknown: break
            case .reading(let changes, _): state = .reading(changes, isGood: false)
            case .known: state = .unknown
            }
        }
    }

    /// Reads all subjects anew.
    /// - Parameter read: hands over every subject that has a descriptor; those that change meanwhile as they were before or after.
    public func fill(
        _ read: (_ take: @escaping @Sendable ([Change]) -> Void) async throws -> Void
    ) async throws {
        beginReading()
        let table = FilledTable()
        do { try await read { table.add($0) } } catch {
            forget()
            throw error
        }
        endReading(table.take())
    }
    // Not inlined: the compiler would keep which thread it is on over a suspension, and the lock be given back by another.
    @inline(never) private func beginReading() { state.withLock { $0 = .reading([], isGood: true) } }
    @inline(never) private func forget() { state.withLock { $0 = .unknown } }
    @inline(never) private func endReading(_ table: consuming DescriptorTable) {
        var table = table
        state.withLock { state in
            guard case .reading(let changes, let isGood) = state, isGood else { return state = .unknown }
            for change in changes { table.make(change) }
            state = .known(table)
        }
    }

    /// Looks for the subjects that are most alike to each reference.
    /// - Parameters:
    ///   - account: whose subjects; `nil`: those of all.
    ///   - subjects: which of them, by their numbers; `nil`: all.
    ///   - limit: how many are wanted of each; `nil`: all that may reach the floor.
    ///   - floor: the smallest cosine that is wanted.
    /// - Returns: a short list for each reference; `nil` when nothing is known.
    public func search(
        _ references: [QuantisedDescriptor], account: UUID?, subjects: [Int64]?, limit: Int?, floor: Float
    ) async -> [Shortlist]? {
        guard let portions = portions(of: account, subjects) else { return nil }
        return await threads.search(references, in: portions, Shortlist(limit: limit, floor: floor))
    }
    @inline(never) private func portions(of account: UUID?, _ subjects: [Int64]?) -> [SearchPortion]? {
        state.withLock { state in
            guard case .known(let table) = state else { return nil }
            return subjects.map { table.portions(of: $0) } ?? table.portions(of: account)
        }
    }

    /// What is known: for tests.
    var table: DescriptorTable? { state.withLock { if case .known(let table) = $0 { table } else { nil } } }
}

/// A table while it is being filled.
private final class FilledTable: Sendable {
    private let content = Mutex(DescriptorTable())

    func add(_ rows: [DescriptorIndex.Change]) {
        content.withLock { table in for row in rows { table.make(row) } }
    }
    /// What is in it, which it has no longer.
    func take() -> DescriptorTable {
        content.withLock { content in
            let table = content
            content = DescriptorTable()
            return table
        }
    }
}

extension DescriptorTable {
    mutating func make(_ change: DescriptorIndex.Change) {
        switch change {
        case .set(let subject, let account, let descriptor): set(descriptor, of: subject, account: account)
        case .removed(let subject): remove(subject)
        }
    }
}
