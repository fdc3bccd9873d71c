import CSodium
import Foundation
import Records
import Synchronization

/// Remembers which login and password were right, so that a client which sends them with every request pays for Argon2id
/// once, and for a moment which were wrong, so that nobody pays for the same mistake twice in a row. Keys are keyed BLAKE2b
/// digests under a secret of this process: no password is kept.
final class CredentialCache: Sendable {
    struct Key: Hashable, Sendable { fileprivate let digest: [UInt8] }
    enum Knowledge: Equatable { case right(Account), wrong }
    private struct Entry {
        let account: Account
        var expiry: ContinuousClock.Instant
    }
    private struct State {
        var entries: [Key: Entry] = [:]
        var mistakes: [Key: ContinuousClock.Instant] = [:]
        var generation = 0
    }

    private let capacity: Int
    private let lifetime: Duration
    private let mistakeLifetime = Duration.seconds(5)
    private let secret: [UInt8]
    private let state = Mutex(State())

    /// - Parameter lifetime: since the last use.
    init(capacity: Int, lifetime: Duration) {
        precondition(sodium_init() >= 0, "libsodium cannot be initialised")
        (self.capacity, self.lifetime) = (capacity, lifetime)
        var secret = [UInt8](repeating: 0, count: 32)
        randombytes_buf(&secret, secret.count)
        self.secret = secret
    }

    func key(login: String, password: String) -> Key {
        // A login is shorter than 256 bytes or never valid; its length in front keeps `ab`+`c` apart from `a`+`bc`.
        let message = Array("\(login.utf8.count):\(login)\(password)".utf8)
        var digest = [UInt8](repeating: 0, count: 32)
        crypto_generichash(&digest, digest.count, message, UInt64(message.count), secret, secret.count)
        return Key(digest: digest)
    }

    func knowledge(of key: Key, at now: ContinuousClock.Instant = .now) -> Knowledge? {
        state.withLock { state in
            if let entry = state.entries[key], entry.expiry > now {
                state.entries[key]?.expiry = now + lifetime
                return .right(entry.account)
            }
            if let expiry = state.mistakes[key], expiry > now { return .wrong }
            return nil
        }
    }
    /// Grows with every change of an account; a verification that began before one is not remembered.
    var generation: Int { state.withLock { $0.generation } }

    func remember(_ account: Account, for key: Key, generation: Int, at now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.entries.count >= capacity { state.entries = state.entries.filter { $0.value.expiry > now } }
            // Still full of live entries: a client too many pays again, none is served wrongly.
            if state.entries.count >= capacity, let victim = state.entries.keys.first { state.entries[victim] = nil }
            state.entries[key] = Entry(account: account, expiry: now + lifetime)
        }
    }
    func rememberMistake(_ key: Key, generation: Int, at now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.mistakes.count >= capacity { state.mistakes = state.mistakes.filter { $0.value > now } }
            if state.mistakes.count >= capacity, let victim = state.mistakes.keys.first { state.mistakes[victim] = nil }
            state.mistakes[key] = now + mistakeLifetime
        }
    }
    /// Forgets what is known of an account, which was changed, and all mistakes, which may have become right.
    func drop(_ account: UUID) {
        state.withLock { state in
            state.entries = state.entries.filter { $0.value.account.id != account }
            state.mistakes.removeAll()
            state.generation += 1
        }
    }
    /// How many right ones are remembered.
    var count: Int { state.withLock { $0.entries.count } }
}
