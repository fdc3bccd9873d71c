public import Frames
import Glibc
import Scene

/// Why a source ended that was decoded in a process of its own, where that process is why.
public enum WorkerFailure: SourceFailure, Hashable {
    /// How a worker came to its end.
    public enum Death: Hashable, Sendable {
        case signal(Int32)
        case status(Int32)
        /// It did not go on for so long, and was ended.
        case hang(Duration)
        /// It said what cannot be, and was ended.
        case nonsense
    }
    /// - Parameter times: so often in a row, this source.
    case died(Death, times: Int)
    /// The process that starts workers ended, and they with it.
    case abandoned
    /// No worker could be started, for a reason of the system.
    case cannotStart(Int32)

    /// A source that makes so many workers die is given up.
    public static let mostDeaths = 3

    public var isTransient: Bool {
        switch self {
        case .died(_, let times): times < Self.mostDeaths
        case .abandoned, .cannotStart: true
        }
    }
    public var endedDecoder: Bool { if case .died = self { true } else { false } }
    public var isOwnFault: Bool { !endedDecoder }

    public var description: String {
        switch self {
        case .died(let death, let times):
            "The process that decoded the source \(death)" + (times > 1 ? ", \(times) times." : ".")
        case .abandoned: "The process that starts decoders ended."
        case .cannotStart(let number):
            "No process to decode the source could be started: \(String(cString: strerror(number)))."
        }
    }
}

extension WorkerFailure.Death: CustomStringConvertible {
    public var description: String {
        switch self {
        case .signal(SIGSYS): "did what it may not and was ended (SIGSYS)"
        case .signal(SIGKILL): "was killed (SIGKILL), as the system does when memory runs out"
        case .signal(let number): "crashed (\(Self.names[number] ?? "signal \(number)"))"
        case .status(let number): "ended by itself with status \(number)"
        case .hang(let duration): "did not go on for \(Int(duration.seconds.rounded())) s and was ended"
        case .nonsense: "told nonsense of a picture and was ended"
        }
    }
    /// - Parameter status: as wait(2) tells it.
    init(status: Int32) {
        let signal = status & 0x7f
        self = signal == 0 ? .status(status >> 8 & 0xff) : .signal(signal)
    }
    private static let names: [Int32: String] = [
        SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGILL: "SIGILL", SIGABRT: "SIGABRT", SIGFPE: "SIGFPE",
        SIGTRAP: "SIGTRAP",
    ]
}
