public import Foundation
import Synchronization

/// Seals and opens secrets under the key of a database, and under those before it while it is given another.
///
/// Which of the keys at hand is the database's says the database: it keeps a mark that was sealed under it.
public final class Vault: Sendable {
    private struct State {
        var seals: [Seal] = []
        var current: Seal?
    }
    private let source: KeySource
    private let state = Mutex(State())
    private static let mark = "sightline"
    private static let markPlace = SealedPlace.secret(markName)
    /// Of the mark among the database's own secrets.
    public static let markName = "key mark"

    /// - Throws: `KeyError` when the source holds something that is no key. It may hold none.
    public init(_ source: KeySource) throws(KeyError) {
        self.source = source
        let keys = try source.keys()
        state.withLock { $0.seals = keys.map(Seal.init) }
    }

    // MARK: The key

    /// For a database that has no mark: takes the key at hand, or makes one and keeps it where the source says.
    /// - Returns: the mark to be kept.
    public func begin() throws(KeyError) -> [UInt8] {
        if let known = state.withLock({ $0.seals.first }) {
            state.withLock { $0.current = known }
        } else {
            let key = SealingKey.random()
            try source.write([key])
            add(key)
            state.withLock { $0.current = $0.seals.first }
        }
        return sealedMark
    }
    /// For a database that has a mark: takes the key that it was sealed under.
    /// - Throws: `wrongKey` when that is not at hand.
    public func resume(mark: [UInt8]) throws(KeyError) {
        let seals = state.withLock { $0.seals }
        let wanted = mark.withUnsafeBytes { Seal.id(of: $0) }
        guard let seal = seals.first(where: { $0.id == wanted }),
            mark.withUnsafeBytes({ seal.openText($0, at: Self.markPlace) }) == Self.mark
        else {
            throw .wrongKey(
                found: source.description(of: seals.map(\.key)), wanted: SealingKey.name(of: wanted ?? []))
        }
        state.withLock { $0.current = seal }
    }
    /// The name of the key that a mark was sealed under; `nil` for what is no mark.
    public static func keyName(of mark: [UInt8]) -> String? {
        mark.withUnsafeBytes { Seal.id(of: $0) }.map(SealingKey.name(of:))
    }
    /// Has `key` at hand too.
    public func add(_ key: SealingKey) { state.withLock { $0.seals.append(Seal(key)) } }
    /// From here on everything is sealed under `key`, which is at hand.
    /// - Returns: the mark to be kept instead of the one before.
    public func change(to key: SealingKey) -> [UInt8] {
        state.withLock { state in state.current = state.seals.first { $0.key == key } }
        return sealedMark
    }
    /// The database's.
    public var key: SealingKey { seal.key }

    private var sealedMark: [UInt8] { seal(Self.mark, at: Self.markPlace) }
    private var seal: Seal {
        guard let seal = state.withLock({ $0.current }) else {
            preconditionFailure("no database has said which key it has")
        }
        return seal
    }

    // MARK: Secrets

    public func seal(_ text: String, at place: SealedPlace) -> [UInt8] {
        var text = text
        return text.withUTF8 { seal.seal($0, at: place) }
    }
    public func seal(_ data: [UInt8], at place: SealedPlace) -> [UInt8] {
        data.withUnsafeBufferPointer { seal.seal($0, at: place) }
    }
    /// - Throws: `KeyError.damaged` for what was not sealed here, at this place.
    public func openText(_ sealed: UnsafeRawBufferPointer, at place: SealedPlace) throws(KeyError) -> String {
        try open(sealed) { $0.openText(sealed, at: place) }
    }
    public func openText(_ sealed: [UInt8], at place: SealedPlace) throws(KeyError) -> String {
        try sealed.withUnsafeBufferPointer { sealed throws(KeyError) in
            try openText(UnsafeRawBufferPointer(sealed), at: place)
        }
    }
    public func open(_ sealed: [UInt8], at place: SealedPlace) throws(KeyError) -> [UInt8] {
        try sealed.withUnsafeBufferPointer { sealed throws(KeyError) in
            let sealed = UnsafeRawBufferPointer(sealed)
            return try open(sealed) { $0.open(sealed, at: place) }
        }
    }
    /// Under the database's key, or under one before it.
    private func open<T>(_ sealed: UnsafeRawBufferPointer, _ opened: (Seal) -> T?) throws(KeyError) -> T {
        if let current = state.withLock({ $0.current }), let value = opened(current) { return value }
        let (id, seals) = (Seal.id(of: sealed), state.withLock { $0.seals })
        guard let value = seals.first(where: { $0.id == id }).flatMap(opened) else { throw .damaged }
        return value
    }
    /// What a text is found by where it lies sealed.
    public func hash(_ text: String) -> UUID { seal.hash(text) }
}
