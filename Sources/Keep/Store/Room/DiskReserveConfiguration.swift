public import Foundation
import JSON
public import Records

/// How much of the data directory's file system the daemon leaves free, and of that of downloads.
public struct DiskReserveConfiguration: Hashable, Sendable {
    /// Bytes; 0: none. `nil`: 512 MiB, and on a small file system 2 % of it.
    public var bytes: Int?
    public init(bytes: Int? = nil) { self.bytes = bytes }

    public static let settings: [Setting<DiskReserveConfiguration>] = [
        Setting("store.disk_reserve", \.bytes, .integer(0...1 << 50)) { text in
            Int(text).flatMap { 0...1 << 50 ~= $0 ? .some($0) : nil }
        } show: {
            $0.map { .integer(Int64($0)) } ?? .null
        }
    ]

    /// Whether such a reserve is free on the file system that `directory` lies on, or it cannot be found out.
    public func isFree(on directory: URL) -> Bool {
        DiskRoom.Space(of: directory).map { $0.free >= reserve(ofSize: $0.size) } ?? true
    }
    /// With the bytes that it comes to there, as far as that can be found out.
    public func inForce(on directory: URL) -> DiskReserveConfiguration {
        DiskReserveConfiguration(bytes: bytes ?? DiskRoom.Space(of: directory).map { reserve(ofSize: $0.size) })
    }
    /// In bytes, on a file system of that size.
    func reserve(ofSize size: Int) -> Int { bytes ?? min(512 << 20, size / 50) }
}
