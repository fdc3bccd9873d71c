import CSandbox
import Foundation
import Glibc
import Synchronization

/// What the launcher's process is told, and says; sent as it lies in memory.
struct LauncherNote {
    enum Kind: Int32 { case launch, kill, started, exited }
    var kind: Int32
    /// Of the worker, given by who asks for it.
    var id: Int64
    /// Of `exited`: as wait(2) tells it. Of `started`: 0 or the reason why not.
    var status: Int32
    init(_ kind: Kind, _ id: Int64, status: Int32 = 0) {
        (self.kind, self.id, self.status) = (kind.rawValue, id, status)
    }
}

/// Starts workers through one process of the same program, which has one thread and forks them: so they share the memory that
/// every process of the program has, begin within a millisecond, and hold nothing of the daemon's. It also buries them.
///
/// Its process is started when it is first needed, anew when it has ended, and ends with this value.
package final class WorkerLauncher: Sendable {
    /// Of the connection to the launcher's process. It stays open while anybody may write to it, so that its number is not another's.
    private final class End: Sendable {
        let descriptor: Int32
        init(_ descriptor: Int32) { self.descriptor = descriptor }
        deinit { close(descriptor) }

        /// Returns 0 or errno.
        func launch(_ id: Int64, _ channel: Int32) -> Int32 {
            defer { withExtendedLifetime(self) {} }
            var note = LauncherNote(.launch, id), channel = channel
            return sl_send(descriptor, &note, MemoryLayout<LauncherNote>.size, &channel, 1)
        }
        /// Does nothing where there is no room.
        func kill(_ id: Int64) {
            defer { withExtendedLifetime(self) {} }
            var note = LauncherNote(.kill, id)
            _ = sl_try_send(descriptor, &note, MemoryLayout<LauncherNote>.size)
        }
    }
    private struct State {
        /// To the launcher's process; `nil` while there is none.
        var end: End?
        var process: pid_t?
        var isStarting = false
        var failure: Int32 = 0
        var nextID: Int64 = 1
        /// How workers ended that somebody still asks about; `nil`: they have not.
        var ends: [Int64: Int32?] = [:]
    }
    private final class Shared: Sendable {
        let condition = NSCondition()
        /// Touched while `condition` is held.
        nonisolated(unsafe) var state = State()
    }
    private let shared = Shared()
    private let executable: String
    /// For a worker whose launcher is gone.
    static let unknownEnd: Int32 = -1
    /// Seconds between the kills of one that has not ended, and for how long it is waited for after the first.
    private static let killPause = 0.1, killPatience = 10.0

    /// - Parameter executable: the `sightline` command; by default the program that runs.
    package init(executable: String = "/proc/self/exe") { self.executable = executable }
    deinit {
        shared.condition.withLock {
            if let end = shared.state.end { shutdown(end.descriptor, Int32(SHUT_RDWR)) }
        }
    }

    /// The launcher's process, while there is one.
    package var process: Int32? { shared.condition.withLock { shared.state.process } }

    /// Starts a worker that talks over `channel`, which stays the caller's.
    /// - Returns: its id; ask `waitForEnd` for how it ended, once.
    func launch(_ channel: Int32) throws(WorkerFailure) -> Int64 {
        let end = try startedEnd()
        let id = shared.condition.withLock { () -> Int64 in
            defer { shared.state.nextID += 1 }
            shared.state.ends[shared.state.nextID] = .some(nil)
            return shared.state.nextID
        }
        let reason = end.launch(id, channel)
        guard reason == 0 else {
            shared.condition.withLock { shared.state.ends[id] = nil }
            throw reason == EPIPE || reason == ECONNRESET ? .abandoned : .cannotStart(reason)
        }
        return id
    }

    /// Ends a worker at once, unless it has ended. Waits for nobody: while many are being killed the launcher may not hear of one, and
    /// `waitForEnd` says it again.
    func kill(_ id: Int64) {
        shared.condition.withLock({ shared.state.end })?.kill(id)
    }

    /// How a worker ended, as wait(2) tells it; `unknownEnd` when its launcher is gone. Blocks; kills it after `patience`.
    func waitForEnd(_ id: Int64, patience: Double) -> Int32 {
        var nextKill = Date() + patience
        let deadline = nextKill + Self.killPatience
        while true {
            let end = shared.condition.withLock { () -> Int32? in
                while case .some(.none) = shared.state.ends[id] {
                    guard shared.condition.wait(until: nextKill) else { return nil }
                }
                return (shared.state.ends.removeValue(forKey: id) ?? nil) ?? Self.unknownEnd
            }
            if let end { return end }
            guard Date() < deadline else {
                shared.condition.withLock { shared.state.ends[id] = nil }
                return Self.unknownEnd
            }
            kill(id)
            nextKill = Date() + Self.killPause
        }
    }

    // MARK: The launcher's process

    private func startedEnd() throws(WorkerFailure) -> End {
        let found = shared.condition.withLock { () -> Result<End, WorkerFailure> in
            if shared.state.end == nil, !shared.state.isStarting {
                shared.state.isStarting = true
                // A process dies with the thread that made it, so that thread stays as long as the process.
                let thread = Thread { [shared, executable] in Self.attend(shared, executable) }
                thread.name = "launcher"
                thread.stackSize = 256 << 10
                thread.start()
            }
            while shared.state.isStarting { shared.condition.wait() }
            return shared.state.end.map(Result.success) ?? .failure(.cannotStart(shared.state.failure))
        }
        return try found.get()
    }

    private static func attend(_ shared: Shared, _ executable: String) {
        var descriptor: Int32 = -1
        let started = Result { () throws(WorkerFailure) in try spawn(executable, &descriptor) }
        let end = End(descriptor)
        shared.condition.withLock {
            shared.state.isStarting = false
            switch started {
            case .success(let process):
                shared.state.end = end
                shared.state.process = process
            case .failure(.cannotStart(let reason)): shared.state.failure = reason
            case .failure: shared.state.failure = ECHILD
            }
            shared.condition.broadcast()
        }
        guard let process = try? started.get() else { return }
        var note = LauncherNote(.started, 0)
        let size = MemoryLayout<LauncherNote>.size
        while sl_receive(end.descriptor, &note, size, nil, nil, -1) == size {
            let (id, status, kind) = (note.id, note.status, LauncherNote.Kind(rawValue: note.kind))
            guard kind == .exited || kind == .started && status != 0 else { continue }
            shared.condition.withLock {
                if shared.state.ends[id] != nil { shared.state.ends[id] = .some(status) }
                shared.condition.broadcast()
            }
        }
        // Its workers die with it, and the system buries them.
        Glibc.kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        shared.condition.withLock {
            shared.state.end = nil
            shared.state.process = nil
            for id in shared.state.ends.keys { shared.state.ends[id] = .some(unknownEnd) }
            shared.condition.broadcast()
        }
    }

    /// Variables that the launcher's process gets; no secret of the daemon's is among them.
    private static let variables = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH"]

    private static func spawn(_ executable: String, _ end: inout Int32) throws(WorkerFailure) -> pid_t {
        var ends: (Int32, Int32) = (-1, -1)
        let isMade = withUnsafeMutableBytes(of: &ends) {
            sl_socket_pair($0.assumingMemoryBound(to: Int32.self).baseAddress!)
        }
        guard isMade else { throw .cannotStart(errno) }
        defer { close(ends.1) }
        var actions = posix_spawn_file_actions_t(), attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, ends.1, LauncherProcess.end)
        // Whatever another part of the daemon has open and forgot to close at exec.
        sl_close_from(&actions, LauncherProcess.end + 1)
        var none = sigset_t(), all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        // A session of its own: what a terminal sends is for the daemon, which ends it in order.
        let setSession: Int32 = 0x80
        posix_spawnattr_setflags(
            &attributes, Int16(setSession | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)))
        let environment = variables.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
        var process: pid_t = 0
        let reason = withStrings(["sightline", LauncherProcess.command]) { arguments in
            withStrings(environment + ["SWIFT_BACKTRACE=enable=no"]) { variables in
                posix_spawn(&process, executable, &actions, &attributes, arguments, variables)
            }
        }
        guard reason == 0 else {
            close(ends.0)
            throw .cannotStart(reason)
        }
        end = ends.0
        return process
    }

    private static func withStrings<R>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> R
    ) -> R {
        let pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return (pointers + [nil]).withUnsafeBufferPointer { body($0.baseAddress!) }
    }
}
