import CFFmpeg
import Foundation

/// Fetching by HTTP GET.
enum Download {
    /// Fetches `address` through `proxy` into `file`. Blocks.
    /// - Parameter limit: bytes at most.
    static func fetch(
        _ address: String, proxy: String, into file: Int32, limit: Int, configuration: MediaConfiguration,
        interrupt: Interrupt
    ) throws(MediaError) {
        let file = FileHandle(fileDescriptor: file, closeOnDealloc: false)
        let end = ContinuousClock.now + configuration.downloadDeadline
        /// Each step may take as long as a read may; the whole no longer than the download may.
        func arm(_ patience: Duration) { interrupt.arm(min(patience, end - .now)) }

        arm(configuration.openDeadline)
        var input: UnsafeMutablePointer<AVIOContext>?
        var callback = AVIOInterruptCB(
            callback: { Unmanaged<Interrupt>.fromOpaque($0!).takeUnretainedValue().shouldStop ? 1 : 0 },
            opaque: Unmanaged.passUnretained(interrupt).toOpaque())
        var options = FFmpegOptions(configuration.httpOptions(proxy: proxy))
        let status = options.withPointer { avio_open2(&input, address, AVIO_FLAG_READ, &callback, $0) }
        guard status >= 0 else {
            if interrupt.isOverdue { throw .openTimedOut(after: configuration.openDeadline) }
            throw MediaError(opening: status)
        }
        defer { avio_closep(&input) }
        guard avio_size(input) <= Int64(limit) else { throw .downloadTooLarge(limit: limit) }

        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        var total = 0
        while true {
            arm(configuration.readDeadline)
            let count = avio_read_partial(input, &chunk, Int32(chunk.count))
            if count == sl_error_end_of_file || count == 0 { break }
            guard count > 0 else {
                throw interrupt.isOverdue
                    ? .stalled(after: configuration.readDeadline) : .downloadFailed(FFmpegStatus(rawValue: count))
            }
            total += Int(count)
            guard total <= limit else { throw .downloadTooLarge(limit: limit) }
            guard configuration.isRoomForDownloads() else {
                throw .downloadFolderUnusable("the disk's reserve would not stay free")
            }
            do {
                try file.write(contentsOf: chunk[..<Int(count)])
            } catch {
                throw .downloadFolderUnusable(error.localizedDescription)
            }
        }
        guard total > 0 else { throw .emptyFile }
    }
}
