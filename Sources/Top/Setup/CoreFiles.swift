import Foundation

/// Whether a crash leaves the process's memory behind, with every secret in it.
public enum CoreFiles {
    /// No file is written, none is handed to a program that collects them, and nobody but root looks into the process.
    static func forbid() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        limit.rlim_cur = 0
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        setDumpable(false)  // collectors do not ask for the limit
    }
    /// Whatever the system would do by itself.
    public static func allow() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
        setDumpable(true)
    }

    /// `prctl` takes any number of arguments, so Swift does not import it.
    private static func setDumpable(_ isDumpable: Bool) {
        guard let symbol = dlsym(nil, "prctl") else { return }
        let prctl = unsafeBitCast(
            symbol, to: (@convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32).self)
        let setDumpable: Int32 = 4  // PR_SET_DUMPABLE
        _ = prctl(setDumpable, isDumpable ? 1 : 0, 0, 0, 0)
    }
}
