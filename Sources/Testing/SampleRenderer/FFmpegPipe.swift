import Foundation
import ProcessSupport

/// Encodes raw frames to H.264 with the `ffmpeg` command.
struct FFmpegPipe {
    struct Failure: Error, CustomStringConvertible { let description: String }

    private let process: ChildProcess
    private let input: FileHandle

    /// - Parameter path: overwritten.
    init(path: String, width: Int, height: Int, rate: String) throws {
        let pipe = Pipe()
        process = try ChildProcess(
            [
                "ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s",
                "\(width)x\(height)",
                "-r", rate, "-i", "pipe:0", "-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-g", "25",
                "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-f", "mp4", path,
            ], input: pipe.fileHandleForReading)
        // A dead encoder must show as an error of the write, not end this process.
        signal(SIGPIPE, SIG_IGN)
        try pipe.fileHandleForReading.close()
        input = pipe.fileHandleForWriting
    }

    func write(_ pixels: [UInt8]) throws {
        do {
            try input.write(contentsOf: Data(pixels))
        } catch {
            throw Failure(description: "ffmpeg stopped while frames were being written; its message stands above")
        }
    }

    func finish() throws {
        try input.close()
        let end = process.waitForEnd()
        guard end == 0 else { throw Failure(description: "ffmpeg ended with \(end)") }
    }
}
