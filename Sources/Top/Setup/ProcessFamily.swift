import Foundation
import Glibc

/// This process and all that descend from it, those that decode above all.
public enum ProcessFamily {
    /// Processor time that all of them have taken so far, with those that have ended.
    public static var cpuSeconds: Double {
        let ticks = members.reduce(0) { sum, member in
            // User and system time, its own and of children that it has buried. Source: proc(5).
            sum + member.fields[11...14].reduce(0) { $0 + (Double($1) ?? 0) }
        }
        return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// What they take of the machine's memory, what they share counted once: proportional set size [MB].
    public static var megabytes: Double {
        members.reduce(0) { sum, member in
            guard let text = try? String(contentsOfFile: "/proc/\(member.id)/smaps_rollup", encoding: .utf8),
                let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Pss:") }),
                let kilobytes = Double(line.split(separator: " ")[1])
            else { return sum }
            return sum + kilobytes / 1024
        }
    }

    private struct Member {
        var id: Int
        /// Of /proc/PID/stat, from the state on.
        var fields: [Substring]
        var parent: Int? { Int(fields[1]) }
    }
    private static var members: [Member] {
        let all = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap(member)
        var family: Set<Int> = [Int(getpid())], hasGrown = true
        while hasGrown {
            let next = family.union(all.filter { family.contains($0.parent ?? 0) }.map(\.id))
            (hasGrown, family) = (next.count > family.count, next)
        }
        return all.filter { family.contains($0.id) }
    }
    private static func member(_ name: String) -> Member? {
        guard let id = Int(name), let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 15 ? Member(id: id, fields: fields) : nil
    }
}
