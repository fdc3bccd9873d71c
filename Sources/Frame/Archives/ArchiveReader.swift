import CArchive
import Foundation

/// Reads an archive in this process, through a descriptor that is open already. Nothing is written anywhere, and what is in memory is a
/// window of it. Belongs to one thread at a time.
package final class ArchiveReader {
    /// Bytes of a piece at most.
    private static let portion = 48 << 10
    private nonisolated(unsafe) static let utf8 = sl_utf8_locale()

    private let input: ArchiveInput
    private let archive: OpaquePointer
    private let limits: ArchiveLimits
    private var entries = 0
    /// Bytes of all files, also of those that are passed over.
    private var total = 0
    private var isInFile = false

    /// What needs files of the system, before a process gives up the right to open any.
    package static func prepare() { _ = utf8 }

    /// - Parameter descriptor: stays the caller's, and open while this value lives.
    package init(_ descriptor: Int32, _ form: ArchiveForm, limits: ArchiveLimits) throws(ArchiveError) {
        guard let archive = archive_read_new() else { fatalError("archive_read_new: out of memory") }
        (self.archive, self.limits) = (archive, limits)
        input = ArchiveInput(descriptor)
        // No filter: an archive within something else is none.
        switch form {
        case .zip: archive_read_support_format_zip(archive)
        case .sevenZip: archive_read_support_format_7zip(archive)
        case .rar:
            archive_read_support_format_rar(archive)
            archive_read_support_format_rar5(archive)
        }
        archive_read_set_callback_data(archive, Unmanaged.passUnretained(input).toOpaque())
        archive_read_set_read_callback(archive) { _, input, bytes in ArchiveInput.of(input).read(bytes!) }
        archive_read_set_skip_callback(archive) { _, input, count in ArchiveInput.of(input).skip(count) }
        archive_read_set_seek_callback(archive) { _, input, offset, whence in
            ArchiveInput.of(input).seek(offset, whence)
        }
        guard archive_read_open1(archive) == ARCHIVE_OK else { throw .damaged(Self.reason(archive)) }
    }
    deinit { archive_read_free(archive) }

    /// The next piece; `nil` at the end. Blocks.
    package func next() throws(ArchiveError) -> ArchivePiece? {
        let before = uselocale(Self.utf8)
        defer { uselocale(before) }
        if isInFile, let piece = try more() { return piece }
        isInFile = false
        while true {
            var entry: OpaquePointer?
            let status = archive_read_next_header(archive, &entry)
            if status == ARCHIVE_EOF { return nil }
            entries += 1
            guard entries <= limits.entries else {
                throw .refused("The archive has more than \(limits.entries) entries")
            }
            if status == ARCHIVE_RETRY { continue }
            guard status >= ARCHIVE_FAILED, let entry else { throw .damaged(Self.reason(archive)) }
            let kind = archive_entry_filetype(entry), isLink = archive_entry_hardlink(entry) != nil
            let name = Self.name(of: entry)
            guard kind != sl_archive_folder, !name.isLeftOut else {
                try passOver(entry)
                continue
            }
            let refusal: String? =
                if let refusal = name.refusal {
                    refusal
                } else if isLink || kind != sl_archive_regular {
                    "Links and what else is no file are not supported"
                } else if archive_entry_is_encrypted(entry) != 0 {
                    "The file is encrypted"
                } else if status == ARCHIVE_FAILED {
                    "The file cannot be read: \(Self.reason(archive))"
                } else {
                    nil
                }
            if refusal != nil { try passOver(entry) }
            isInFile = refusal == nil
            return .file(ArchivedFile(name: name.text, refusal: refusal))
        }
    }

    /// More of the file, or that it is damaged; `nil` at its end.
    private func more() throws(ArchiveError) -> ArchivePiece? {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.portion) { buffer, length in
            repeat {
                count = archive_read_data(archive, buffer.baseAddress, buffer.count)
            } while count == Int(ARCHIVE_RETRY)
            length = max(0, count)
        }
        guard count != 0 else { return nil }
        guard count > 0 else {
            isInFile = false
            return .damage(Self.reason(archive))
        }
        try tally(count)
        return .bytes(bytes)
    }
    /// Of a solid archive libarchive unpacks also what nobody reads, to come to what lies behind it.
    private func passOver(_ entry: OpaquePointer) throws(ArchiveError) {
        guard archive_entry_size_is_set(entry) != 0 else { return }
        try tally(max(0, Int(archive_entry_size(entry))))
    }
    private func tally(_ bytes: Int) throws(ArchiveError) {
        let (sum, overflows) = total.addingReportingOverflow(bytes)
        total = overflows ? .max : sum
        guard total <= limits.bytes else { throw .refused("The archive holds more than \(limits.bytes) bytes") }
        guard total <= limits.ratio * input.size else {
            throw .refused("The archive holds more than \(limits.ratio) times the bytes that it has")
        }
    }

    private static func name(of entry: OpaquePointer) -> ArchiveName {
        guard let name = archive_entry_pathname(entry) ?? archive_entry_pathname_utf8(entry) else {
            return ArchiveName("")
        }
        return ArchiveName(UnsafeBufferPointer(start: name, count: strlen(name)).map { UInt8(bitPattern: $0) })
    }
    private static func reason(_ archive: OpaquePointer) -> String {
        guard let text = archive_error_string(archive) else { return "it is damaged" }
        return String(cString: text).beginning(bytes: 200)
    }
}

/// The file of an archive as libarchive reads it.
private final class ArchiveInput {
    private static let window = 64 << 10
    private let descriptor: Int32
    let size: Int
    private var position = 0
    private let buffer = UnsafeMutableRawPointer.allocate(byteCount: window, alignment: 16)

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        size = max(0, Int(lseek(descriptor, 0, SEEK_END)))
    }
    deinit { buffer.deallocate() }

    static func of(_ pointer: UnsafeMutableRawPointer?) -> ArchiveInput {
        Unmanaged<ArchiveInput>.fromOpaque(pointer!).takeUnretainedValue()
    }

    func read(_ bytes: UnsafeMutablePointer<UnsafeRawPointer?>) -> Int {
        while true {
            let count = pread(descriptor, buffer, Self.window, off_t(position))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return Int(ARCHIVE_FATAL) }
            position += count
            bytes.pointee = UnsafeRawPointer(buffer)
            return count
        }
    }
    func skip(_ count: Int64) -> Int64 {
        let step = max(0, min(Int(count), size - position))
        position += step
        return Int64(step)
    }
    func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
        let origin = whence == SEEK_CUR ? position : whence == SEEK_END ? size : 0
        let (target, overflows) = origin.addingReportingOverflow(Int(offset))
        guard !overflows, target >= 0 else { return Int64(ARCHIVE_FATAL) }
        position = target
        return Int64(target)
    }
}
