import Foundation

/// What this process has used so far.
public enum ProcessUsage {
    /// User and system time of all threads.
    public static var cpuSeconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// Resident set size now; `nil` where `/proc` is not there.
    public static var residentBytes: Int? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
            let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
    /// The same in MB of 10⁶ bytes; 0 where it is not known.
    public static var residentMegabytes: Double { Double(residentBytes ?? 0) / 1e6 }
}
