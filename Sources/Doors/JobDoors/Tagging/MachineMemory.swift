import Foundation

/// The memory of the whole machine, as the original tells it.
struct MachineMemory: Hashable, Sendable {
    /// In bytes.
    let total, available: Int

    static var now: MachineMemory? {
        (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)).flatMap(MachineMemory.init)
    }
    /// - Parameter text: `/proc/meminfo`, in kibibytes.
    init?(_ text: String) {
        func value(_ key: String) -> Int? {
            guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(key + ":") }) else { return nil }
            return Int(line.filter(\.isNumber))
        }
        guard let total = value("MemTotal"), let available = value("MemAvailable"), total > 0 else { return nil }
        (self.total, self.available) = (total << 10, available << 10)
    }

    private var used: Int { max(0, total - available) }
    /// `20.5`
    var usedPerCent: String { "\((Double(used) / Double(total) * 1000).rounded() / 10)" }
    /// `6.43`; fewer digits where they are 0.
    var usedGigabytes: String { "\((Double(used) / 1e7).rounded() / 100)" }
}
