import JSON
import Records
import Store

/// How the daemon and its machine fare, as the daemon finds it out.
public struct SystemStatus: Sendable {
    public var uptime = Duration.zero
    public var cores = 1
    /// Processes that run or wait to run, as means of the last 1, 5 and 15 minutes.
    public var load: [Double] = []
    /// What the daemon takes, with those that decode for it: 100 is one core. `nil` where it is not known yet.
    public var cpuPercent: Double?
    /// Bytes that the daemon's own process holds; `nil` where the system does not say.
    public var memory: Int?
    /// Bytes that the machine has, and those that could still be had.
    public var machineMemory: (total: Int, available: Int)?
    /// Streams that are being processed, and how many may be.
    public var streamsInProgress = 0, streamsMaximum = 0

    public init() {}

    func wire(_ room: StoreRoom) -> JSONValue {
        func bytes(_ count: Int?) -> JSONValue { count.map { .integer(Int64($0)) } ?? .null }
        // All there is to a number is what stands for a disk that does not say.
        func ofDisk(_ count: Int) -> JSONValue { count == .max ? .null : bytes(count) }
        return [
            "version": .string("\(Version.current)"), "uptime_s": .number(uptime / .seconds(1)),
            "cpu_cores": .integer(Int64(cores)), "load": .array(load.map { .number($0) }),
            "cpu_percent": cpuPercent.map { .number($0) } ?? .null, "memory_bytes": bytes(memory),
            "machine_memory_bytes": bytes(machineMemory?.total),
            "machine_memory_available_bytes": bytes(machineMemory?.available),
            "streams": [
                "in_progress": .integer(Int64(streamsInProgress)), "maximum": .integer(Int64(streamsMaximum)),
            ],
            "disk": [
                "free_bytes": ofDisk(room.free), "room_bytes": ofDisk(room.room), "reserve_bytes": bytes(room.reserve),
            ],
        ]
    }
}
