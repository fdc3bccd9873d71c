import CSandbox
public import Foundation
import Glibc
import Synchronization

/// A program that runs beside this process. It inherits the three standard descriptors alone, and signals as they are at first.
///
/// Not Foundation's `Process`: that copies 256 bytes of each name in `/proc/self/fd`, however short it is, and dies of it when the
/// memory behind the last one is nobody's (swift-corelibs-foundation, pull request 5472). It also takes a child for ended that
/// closes what it inherited.
public final class ChildProcess: Sendable {
    public struct CannotRun: Error, CustomStringConvertible { public let description: String }

    private enum State {
        case running([CheckedContinuation<Int32, Never>])
        case ended(Int32)
    }
    public let id: Int32
    private let state = Mutex(State.running([]))
    /// For those who wait without `await`.
    private let hasEnded = DispatchSemaphore(value: 0)

    /// - Parameters:
    ///   - command: the program, found as a shell finds it, and its arguments.
    ///   - folder: where it runs; `nil`: where this process does.
    ///   - environment: all of its variables; `nil`: those of this process.
    ///   - input: what it reads; `nil`: nothing.
    ///   - output: where its standard output goes; `nil`: where that of this process goes.
    ///   - errors: the same of its standard error.
    public init(
        _ command: [String], in folder: URL? = nil, environment: [String: String]? = nil, input: FileHandle? = nil,
        output: FileHandle? = nil, errors: FileHandle? = nil
    ) throws {
        var actions = posix_spawn_file_actions_t(), attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        if let folder { sl_change_folder(&actions, folder.path) }
        if input == nil { posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) }
        for (handle, descriptor) in [(input, STDIN_FILENO), (output, STDOUT_FILENO), (errors, STDERR_FILENO)] {
            guard let handle else { continue }
            posix_spawn_file_actions_adddup2(&actions, handle.fileDescriptor, descriptor)
        }
        sl_close_from(&actions, STDERR_FILENO + 1)
        var none = sigset_t(), all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let variables = environment ?? ProcessInfo.processInfo.environment
        let words = command.map { strdup($0) }, values = variables.map { strdup("\($0)=\($1)") }
        defer { for word in words + values { free(word) } }
        var process = pid_t()
        let reason = posix_spawnp(&process, command[0], &actions, &attributes, words + [nil], values + [nil])
        guard reason == 0 else {
            throw CannotRun(description: "'\(command[0])' cannot be run: \(String(cString: strerror(reason)))")
        }
        id = process
        let burial = Thread { self.bury() }
        burial.stackSize = 64 << 10
        burial.start()
    }

    private func bury() {
        // The number stays its own until this process says that it knows of the end.
        var information = siginfo_t()
        while waitid(P_PID, id_t(id), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let waiting = state.withLock { state in
            var status: Int32 = 0
            while waitpid(id, &status, 0) < 0, errno == EINTR {}
            let signal = status & 0x7f
            let end = signal == 0 ? status >> 8 & 0xff : -signal
            guard case .running(let waiting) = state else { preconditionFailure("a process ends once") }
            state = .ended(end)
            return waiting.map { ($0, end) }
        }
        for (continuation, end) in waiting { continuation.resume(returning: end) }
        hasEnded.signal()
    }

    public var isRunning: Bool {
        state.withLock { if case .running = $0 { true } else { false } }
    }
    /// Does nothing when it has ended.
    public func send(signal: Int32) {
        state.withLock { if case .running = $0 { kill(id, signal) } }
    }
    /// Its exit status or, negative, the signal that it died of.
    public func end() async -> Int32 {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state -> Int32? in
                switch state {
                case .ended(let end): return end
                case .running(let waiting):
                    state = .running(waiting + [continuation])
                    return nil
                }
            }
            if let end { continuation.resume(returning: end) }
        }
    }
    /// The same; blocks the thread.
    public func waitForEnd() -> Int32 {
        hasEnded.wait()
        defer { hasEnded.signal() }
        guard case .ended(let end) = state.withLock({ $0 }) else { preconditionFailure("it has ended") }
        return end
    }
}
