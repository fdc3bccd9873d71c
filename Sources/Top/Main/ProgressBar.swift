import Foundation
import Synchronization
import Tools

/// One line on a terminal that is written over. Silent elsewhere.
final class ProgressBar: Sendable {
    let isTerminal = isatty(STDERR_FILENO) == 1
    private let isShown = Mutex(false)

    /// Frames, frames per second, time left, people now.
    func show(_ progress: Analysis.Progress) { show(Self.line(progress)) }
    func show(_ line: @autoclosure () -> String) {
        guard isTerminal else { return }
        isShown.withLock { $0 = true }
        write("\r\u{1B}[K" + line())
    }
    func clear() {
        if isShown.withLock({ $0 }) { write("\r\u{1B}[K") }
    }

    /// - Parameter share: from 0 to 1.
    static func bar(_ share: Double) -> String {
        let filled = Int((share * 24).rounded())
        return "[" + String(repeating: "█", count: filled) + String(repeating: "·", count: 24 - filled) + "] "
    }

    static func line(_ progress: Analysis.Progress) -> String {
        let seconds = progress.elapsed / .seconds(1)
        let rate = seconds > 0 ? Double(progress.framesDecoded) / seconds : 0
        var line = ""
        if let expected = progress.expectedFrames, expected > 0 {
            let share = min(1, Double(progress.framesDecoded) / Double(expected))
            line += bar(share)
            line += String(format: "%3.0f%% ", share * 100)
        }
        line += "\(progress.framesDecoded) frames  \(String(format: "%.0f", rate)) fps"
        if let expected = progress.expectedFrames, rate > 0, progress.framesDecoded < expected {
            let left = Int(Double(expected - progress.framesDecoded) / rate)
            line += String(format: "  ETA %d:%02d", left / 60, left % 60)
        }
        return line + "  people \(progress.people)"
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// Calls `action` at the first Ctrl-C (SIGINT); a second one ends the process as usual.
func onInterrupt(_ action: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
    signal(SIGINT, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    source.setEventHandler {
        signal(SIGINT, SIG_DFL)
        action()
    }
    source.resume()
    return source
}
