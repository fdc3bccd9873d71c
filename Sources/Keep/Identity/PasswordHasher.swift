import CSodium
import Foundation
import Synchronization

/// Argon2id through libsodium: 19 MiB and two passes per password (about 25 ms), one password at a time.
///
/// One at a time, on a queue of its own: the cooperative pool never waits for it, and a flood of wrong passwords costs one
/// core and 19 MiB, no more. Whose turn it is says a `FairQueue`. Source of the cost: OWASP Password Storage Cheat
/// Sheet, Argon2id, m=19 MiB, t=2, p=1.
final class PasswordHasher: Sendable {
    private typealias Work = @Sendable () -> Void
    private struct State {
        var waiting = FairQueue<Work>()
        var isRunning = false
        var doneCount = 0
    }
    private let queue = DispatchQueue(label: "sightline.password")
    private let state = Mutex(State())
    /// Verified against when there is no such login, so that an unknown login takes as long as a wrong password.
    private static let nobody = hash(of: UUID().uuidString)

    init() { precondition(sodium_init() >= 0, "libsodium cannot be initialised") }

    /// The text that is stored: algorithm, cost, salt and hash.
    /// - Throws: `tooManyLogins` when too much is waiting already.
    func hash(_ password: String, from origin: LoginOrigin) async throws -> String {
        try await run(from: origin, isPreferred: false) { Self.hash(of: password) }
    }
    /// Whether `password` is the one behind `hash`. With no hash the answer is no, after the same time.
    func verify(
        _ password: String, against hash: String?, from origin: LoginOrigin, isPreferred: Bool
    ) async throws -> Bool {
        try await run(from: origin, isPreferred: isPreferred) {
            let isRight = password.withCString {
                crypto_pwhash_str_verify(hash ?? Self.nobody, $0, UInt64(password.utf8.count)) == 0
            }
            return isRight && hash != nil
        }
    }

    /// How many passwords were hashed so far.
    var hashCount: Int { state.withLock { $0.doneCount } }

    private static func hash(of password: String) -> String {
        var text = [CChar](repeating: 0, count: Int(crypto_pwhash_strbytes()))
        let status = password.withCString {
            crypto_pwhash_str(&text, $0, UInt64(password.utf8.count), 2, 19 << 20)
        }
        precondition(status == 0, "out of memory while hashing a password")
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func run<Value: Sendable>(
        from origin: LoginOrigin, isPreferred: Bool, _ work: @escaping @Sendable () -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let (isAccepted, isFirst) = state.withLock { state in
                let isAccepted = state.waiting.push(
                    { continuation.resume(returning: work()) }, from: origin, isPreferred: isPreferred)
                defer { state.isRunning = state.isRunning || isAccepted }
                return (isAccepted, isAccepted && !state.isRunning)
            }
            if !isAccepted { continuation.resume(throwing: IdentityError.tooManyLogins(retryAfter: .seconds(8))) }
            if isFirst { queue.async { self.drain() } }
        }
    }
    private func drain() {
        while let work = next() { work() }
    }
    private func next() -> Work? {
        state.withLock { state in
            let work = state.waiting.pop()
            if work == nil { state.isRunning = false } else { state.doneCount += 1 }
            return work
        }
    }
}
