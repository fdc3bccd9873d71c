import CFFmpeg
import Foundation
import Records
import Synchronization

/// What FFmpeg has to say, at most a few lines a second and with secrets covered.
///
/// FFmpeg has one log for the whole process, hence the static members. A camera joined in the middle of a group of
/// pictures alone would write 80 lines a second; the counters of `SourceStatistics` tell the same in fewer words.
public enum FFmpegLog {
    public typealias Writer = @Sendable (String) -> Void
    private struct State {
        var linesPerSecond = 5
        var writer: Writer = { FileHandle.standardError.write(Data(("ffmpeg: " + $0 + "\n").utf8)) }
        var second: Int64 = 0
        var linesInSecond = 0
        var leftOut = 0
    }
    private static let state = Mutex(State())
    /// Bytes that a line may have, with the one that ends it.
    private static let lineLimit = 512
    /// Beginnings of what is said of every file with sound, whose decoders are not on our list, and of every answer over HTTP whose
    /// server tells its end by closing the connection.
    private static let expected = [
        "Codec (%s) not on whitelist", "Failed to open codec in", "Could not find codec parameters for stream",
        "Stream ends prematurely at",
    ]
    /// Whether FFmpeg has been set up for this process; evaluated once.
    private static let isPrepared: Bool = {
        av_log_set_level(AV_LOG_WARNING)
        av_log_set_callback { context, level, format, arguments in
            guard level <= av_log_get_level(), let format, let arguments else { return }
            let isCounted = CallGuard.hear(context, format) { FFmpegLog.line(context, level, format, arguments) }
            if !isCounted { FFmpegLog.take(context, level, format, arguments) }
        }
        return true
    }()

    /// Lines not written because there were too many, since the start.
    public static var leftOut: Int { state.withLock { $0.leftOut } }

    /// Sends the lines to `writer` instead of standard error.
    /// - Parameter linesPerSecond: the rest is counted and left out; 0 for none.
    public static func install(linesPerSecond: Int = 5, writer: @escaping Writer) {
        prepare()
        state.withLock { ($0.linesPerSecond, $0.writer) = (linesPerSecond, writer) }
    }

    /// Sets FFmpeg up for this process, once.
    static func prepare() { _ = isPrepared }

    private static func take(
        _ context: UnsafeMutableRawPointer?, _ level: Int32, _ format: UnsafePointer<CChar>, _ arguments: CVaListPointer
    ) {
        guard !expected.contains(where: { strncmp(format, $0, $0.utf8.count) == 0 }), let writer = writerOfNextLine()
        else { return }
        writer(redacted(line(context, level, format, arguments)))
    }

    /// - Parameter arguments: of no use afterwards.
    private static func line(
        _ context: UnsafeMutableRawPointer?, _ level: Int32, _ format: UnsafePointer<CChar>, _ arguments: CVaListPointer
    ) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: lineLimit) { text in
            text.initialize(repeating: 0)
            var showsContext: Int32 = 1
            av_log_format_line2(context, level, format, arguments, text.baseAddress, Int32(text.count), &showsContext)
            return String(cString: text.baseAddress!)
        }
    }

    /// Says what FFmpeg said in another process.
    package static func relay(_ line: String) { writerOfNextLine()?(redacted(line)) }

    /// Says something of our own among FFmpeg's lines. It holds nothing secret.
    static func note(_ line: String) { writerOfNextLine()?(line) }

    /// Counts a line; `nil` when there were too many in this second.
    private static func writerOfNextLine() -> Writer? {
        let second = av_gettime_relative() / 1_000_000
        return state.withLock { state in
            if state.second != second { (state.second, state.linesInSecond) = (second, 0) }
            guard state.linesInSecond < state.linesPerSecond else {
                state.leftOut += 1
                return nil
            }
            state.linesInSecond += 1
            return state.writer
        }
    }

    /// Covers the secrets of each address in `line`. Of a line that was cut off the last word goes: what would have shown that
    /// there is a password in it may have been cut off with the rest.
    static func redacted(_ line: String) -> String {
        var words = line.split(whereSeparator: \.isWhitespace)
        if line.utf8.count >= lineLimit - 1 { words = words.dropLast() + ["…"] }
        // FFmpeg puts addresses in quotes; text before the scheme does no harm.
        return words.map { Redaction.redacted(String($0)) }.joined(separator: " ")
    }
}
