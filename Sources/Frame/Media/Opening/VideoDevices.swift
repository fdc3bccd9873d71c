import CFFmpeg
import Foundation

/// Cameras of this machine, which Linux has as devices (Video4Linux2).
enum VideoDevices {
    /// Of such devices (Documentation/admin-guide/devices.txt of Linux).
    private static let major: UInt64 = 81

    /// FFmpeg's reader of them; `nil` where its library is not installed. That brings some eighty others along, so it is loaded when it
    /// is first wanted, and never by a worker.
    static var reader: UnsafePointer<AVInputFormat>? { isLoaded ? av_find_input_format("video4linux2") : nil }
    private static let isLoaded: Bool = {
        // The libraries of one FFmpeg have one number.
        guard let library = dlopen("libavdevice.so.\(LIBAVFORMAT_VERSION_MAJOR)", RTLD_NOW | RTLD_LOCAL),
            let register = dlsym(library, "avdevice_register_all")
        else { return false }
        unsafeBitCast(register, to: (@convention(c) () -> Void).self)()
        return true
    }()

    /// Whether `path`, in which no link is left, is one.
    static func isDevice(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFCHR else { return false }
        let number = UInt64(status.st_rdev)
        return (number >> 8 & 0xfff | number >> 32 & ~0xfff) == major
    }
}
