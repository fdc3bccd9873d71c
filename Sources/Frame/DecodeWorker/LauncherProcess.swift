import CSandbox
import Glibc

/// The process that starts workers and buries them. It reads nothing that strangers sent.
public enum LauncherProcess {
    /// The hidden command.
    public static let command = "decode-worker"
    /// Where it talks to the daemon.
    static let end: Int32 = 3

    /// Runs until the daemon is gone. Call it first of all: the process may have no other thread.
    public static func run() -> Never {
        sl_die_with_parent()
        guard sl_thread_count() == 1 else { _exit(70) }
        // The daemon ends it in order; what a service manager sends to all of its processes is for the daemon.
        for number in [SIGTERM, SIGINT, SIGHUP] { signal(number, SIG_IGN) }
        preferAsVictim()
        WorkerProcess.prepare()
        let children = sl_child_watch()
        guard children >= 0 else { _exit(71) }
        var ids: [pid_t: Int64] = [:]
        while true {
            var events = [
                pollfd(fd: end, events: Int16(POLLIN), revents: 0),
                pollfd(fd: children, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&events, 2, -1) >= 0 else {
                if errno == EINTR { continue }
                _exit(72)
            }
            if events[1].revents != 0 { bury(&ids, children) }
            if events[0].revents != 0 { obey(&ids, children) }
        }
    }

    /// When memory runs out, the system ends a decoder rather than the daemon.
    private static func preferAsVictim() {
        let descriptor = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        _ = write(descriptor, "700", 3)
        close(descriptor)
    }

    private static func obey(_ ids: inout [pid_t: Int64], _ children: Int32) {
        var note = LauncherNote(.kill, 0), channel: Int32 = -1, count: Int32 = 1
        let size = sl_receive(end, &note, MemoryLayout<LauncherNote>.size, &channel, &count, -1)
        guard size == MemoryLayout<LauncherNote>.size else { _exit(0) }  // workers die with this process
        switch LauncherNote.Kind(rawValue: note.kind) {
        case .launch where count == 1:
            let launcher = getpid(), process = sl_fork()
            if process == 0 {
                close(end)
                close(children)
                sl_unblock_signals()
                WorkerProcess.run(channel, launcher: launcher)
            }
            let reason = process < 0 ? errno : 0
            close(channel)
            if process > 0 { ids[process] = note.id }
            tell(LauncherNote(.started, note.id, status: reason))
        case .kill:
            // Not buried yet, so that the number is still its own.
            if let process = ids.first(where: { $0.value == note.id })?.key { kill(process, SIGKILL) }
        default: break
        }
    }

    private static func bury(_ ids: inout [pid_t: Int64], _ children: Int32) {
        var drained = [UInt8](repeating: 0, count: 1024), status: Int32 = 0
        while read(children, &drained, drained.count) > 0 {}
        while true {
            let process = waitpid(-1, &status, WNOHANG)
            guard process > 0 else { return }
            if let id = ids.removeValue(forKey: process) { tell(LauncherNote(.exited, id, status: status)) }
        }
    }

    private static func tell(_ note: LauncherNote) {
        var note = note
        _ = sl_send(end, &note, MemoryLayout<LauncherNote>.size, nil, 0)
    }
}
