public import Foundation

/// A file system of some megabytes, in memory, that goes with the value. Only root may make one.
public final class SmallDisk: Sendable {
    /// Where it is mounted.
    public let url: URL
    private var ballast: String { url.appendingPathComponent("ballast").path }

    public struct Refused: Error {}
    public init(megabytes: Int) throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("sightline-disk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        guard mount("tmpfs", url.path, "tmpfs", 0, "size=\(megabytes)m") == 0 else { throw Refused() }
    }
    deinit {
        umount2(url.path, Int32(MNT_DETACH))
        for left in [url, url.appendingPathExtension("key")] { try? FileManager.default.removeItem(at: left) }
    }

    /// Whether there can be any here.
    public static let isPossible = (try? SmallDisk(megabytes: 1)) != nil

    /// Mounts it anew. Nothing may be open for writing.
    public func mayBeWritten(_ isOn: Bool) throws {
        let flags = UInt(MS_REMOUNT) | (isOn ? 0 : UInt(MS_RDONLY))
        guard mount("tmpfs", url.path, "tmpfs", flags, nil) == 0 else { throw Refused() }
    }

    /// Takes all that is free, to the last byte.
    public func fill() {
        let descriptor = open(ballast, O_CREAT | O_WRONLY | O_APPEND, 0o600)
        defer { close(descriptor) }
        for size in [65_536, 4096, 1] {
            let bytes = [UInt8](repeating: 0, count: size)
            while write(descriptor, bytes, size) > 0 {}
        }
    }
    /// Gives all of it back.
    public func empty() { unlink(ballast) }
}
