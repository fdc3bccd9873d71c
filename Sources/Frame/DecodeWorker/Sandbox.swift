import CSandbox
import CSeccomp
import Glibc

/// What a worker may do: read what it was given, compute, and speak to the daemon. It opens no file, makes no connection, starts no
/// process and no thread, and takes no more memory than its limit.
struct Sandbox {
    enum Network {
        /// None at all.
        case none
        /// The connections that the daemon makes for it, to addresses that it has checked.
        case givenConnections
        /// Beside them packets to whom the server names, as the operator allows servers that he named.
        case givenConnectionsAndPackets
    }
    /// What decoding takes beside pictures and the largest block, and what every process of the program has.
    static let spareMemory = 512 << 20
    private static let descriptors: rlim_t = 64

    /// Bytes of private memory.
    let memory: Int
    /// Bytes that a file may grow to.
    let fileSize: Int
    let network: Network
    let gifts: sl_gifts

    struct Unavailable: Error { let reason: Int32 }

    /// From here on nothing else is allowed, to this process and for good.
    func enter() throws(Unavailable) {
        limit(__rlimit_resource_t(RLIMIT_CORE.rawValue), 0)
        limit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), Self.descriptors)
        limit(__rlimit_resource_t(UInt32(sl_limit_processes())), 0)
        limit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), rlim_t(fileSize))
        limit(__rlimit_resource_t(RLIMIT_DATA.rawValue), rlim_t(memory))
        signal(SIGXFSZ, SIG_IGN)  // what is too large fails to be written
        try check(sl_no_new_privileges())
        try check(sl_answer_traps(gifts))
        try filter()
    }

    private func limit(_ resource: __rlimit_resource_t, _ most: rlim_t) {
        var limit = rlimit(rlim_cur: most, rlim_max: most)
        setrlimit(resource, &limit)
    }
    private func check(_ reason: Int32) throws(Unavailable) {
        if reason != 0 { throw Unavailable(reason: abs(reason)) }
    }

    // MARK: Calls of the system

    /// Allowed whatever their arguments are.
    private static let allowed = [
        "read", "write", "readv", "writev", "pread64", "lseek", "close", "dup", "poll", "ppoll", "select",
        "pselect6", "recvfrom", "recvmsg", "sendto", "sendmsg", "shutdown", "getsockopt", "setsockopt", "getsockname",
        "getpeername", "futex", "munmap", "mremap", "madvise", "brk", "clock_gettime", "clock_getres",
        "clock_nanosleep", "nanosleep", "gettimeofday", "time", "getrandom", "rt_sigprocmask", "rt_sigreturn",
        "sigaltstack", "getpid", "gettid", "getppid", "sched_yield", "sched_getaffinity", "exit", "exit_group",
        "restart_syscall", "ftruncate",
    ]
    /// What nobody does by accident who only decodes.
    private static let deadly = [
        "execve", "execveat", "fork", "vfork", "clone", "clone3", "ptrace", "process_vm_readv", "process_vm_writev",
        "mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "bpf", "io_uring_setup", "userfaultfd",
        "perf_event_open", "keyctl", "add_key", "request_key", "init_module", "finit_module", "kexec_load",
        "personality",
        "memfd_create", "shmat", "pidfd_open", "pidfd_getfd", "pidfd_send_signal",
    ]
    private func filter() throws(Unavailable) {
        guard let filter = seccomp_init(sl_seccomp_errno(EPERM)) else { throw Unavailable(reason: ENOMEM) }
        defer { seccomp_release(filter) }
        for name in Self.allowed { try add(filter, sl_seccomp_allow, name) }
        for name in Self.deadly { try add(filter, sl_seccomp_kill, name) }
        // No memory that can be run, and none that is shared without a file: no limit counts that.
        let cannotRun = argument(2, SCMP_CMP_MASKED_EQ, UInt64(PROT_EXEC), 0)
        try add(filter, sl_seccomp_allow, "mprotect", [cannotRun])
        for kind in [0, MAP_SHARED, MAP_ANONYMOUS] {
            let isKind = argument(3, SCMP_CMP_MASKED_EQ, UInt64(MAP_SHARED | MAP_ANONYMOUS), UInt64(kind))
            try add(filter, sl_seccomp_allow, "mmap", [cannotRun, isKind])
        }
        // Of a descriptor nothing but how it is read, and how long it lives: one with an owner would signal him.
        for command in [F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_DUPFD, F_DUPFD_CLOEXEC] {
            try add(filter, sl_seccomp_allow, "fcntl", [argument(1, SCMP_CMP_EQ, UInt64(command), 0)])
        }
        // Signals to nobody but itself, as when it aborts.
        let own = UInt64(getpid())
        for name in ["kill", "tgkill"] { try add(filter, sl_seccomp_allow, name, [argument(0, SCMP_CMP_EQ, own, 0)]) }
        if network != .none {
            let stream = UInt64(SOCK_STREAM.rawValue)
            try add(filter, sl_seccomp_trap, "socket", [argument(1, SCMP_CMP_MASKED_EQ, 0xf, stream)])
            for name in ["connect", "openat"] { try add(filter, sl_seccomp_trap, name) }
        }
        if network == .givenConnectionsAndPackets {
            try add(filter, sl_seccomp_allow, "bind")
            let datagram = UInt64(SOCK_DGRAM.rawValue)
            for family in [AF_INET, AF_INET6] {
                try add(
                    filter, sl_seccomp_allow, "socket",
                    [argument(0, SCMP_CMP_EQ, UInt64(family), 0), argument(1, SCMP_CMP_MASKED_EQ, 0xf, datagram)])
            }
        }
        try check(seccomp_load(filter))
    }

    private func argument(_ index: UInt32, _ comparison: scmp_compare, _ a: UInt64, _ b: UInt64) -> scmp_arg_cmp {
        scmp_arg_cmp(arg: index, op: comparison, datum_a: a, datum_b: b)
    }

    private func add(
        _ filter: scmp_filter_ctx, _ action: UInt32, _ name: String, _ arguments: [scmp_arg_cmp] = []
    ) throws(Unavailable) {
        let call = seccomp_syscall_resolve_name(name)
        // Calls that this machine does not have need no rule.
        guard call >= 0 else { return }
        try check(seccomp_rule_add_array(filter, action, call, UInt32(arguments.count), arguments))
    }
}
