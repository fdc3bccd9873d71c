import Foundation

/// Encodes raw frames to H.264 with the `ffmpeg` command.
struct FFmpegPipe {
    struct Failure: Error, CustomStringConvertible { let description: String }

    private let process = Process()
    private let input = Pipe()

    /// - Parameter path: overwritten.
    init(path: String, width: Int, height: Int, rate: String) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s",
            "\(width)x\(height)",
            "-r", rate, "-i", "pipe:0", "-c:v", "libx264", "-preset", "veryfast", "-crf", "24", "-g", "25",
            "-pix_fmt", "yuv420p", "-movflags", "+faststart", "-f", "mp4", path,
        ]
        // `-i pipe:0` reads what we write; `-nostdin` only keeps ffmpeg from reading commands there.
        process.standardInput = input
        // A dead encoder must show as an error of the write, not end this process.
        signal(SIGPIPE, SIG_IGN)
        try process.run()
    }

    func write(_ pixels: [UInt8]) throws {
        do {
            try input.fileHandleForWriting.write(contentsOf: Data(pixels))
        } catch {
            throw Failure(description: "ffmpeg stopped while frames were being written; its message stands above")
        }
    }

    func finish() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "ffmpeg failed with status \(process.terminationStatus); is it installed?")
        }
    }
}
