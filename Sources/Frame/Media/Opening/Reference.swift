import Foundation
import Records

/// Where a source is, once its reference has been understood.
enum Reference: Hashable {
    /// An existing plain file that may be opened; symbolic links followed.
    case file(path: String)
    case http(URLComponents)
    case rtsp(URLComponents)
    case rtmp(URLComponents)
    case srt(URLComponents)
    /// A camera of this machine that an operator named; symbolic links followed.
    case device(path: String)
    /// MPEG-TS that is sent to a group or an address of this machine, within RTP or bare.
    case datagrams(URLComponents, isRTP: Bool)

    /// Understands what a stream's owner wrote. Looks at the file system, so it may block for a moment.
    init(_ text: String, configuration: MediaConfiguration) throws(MediaError) {
        let wanted = configuration.wantedSources
        guard !text.isEmpty else { throw .unsupportedReference("is empty; wanted \(wanted)") }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw .unsupportedReference("holds control characters")
        }
        let written = SourceAddress(text)
        if let complaint = written?.complaint { throw .unsupportedReference(complaint) }
        guard let scheme = written?.scheme else {
            if configuration.meansDevice(text) {
                self = .device(path: try Self.locateDevice(text, configuration: configuration))
                return
            }
            guard configuration.schemes.contains(.file) else {
                throw .unsupportedReference(
                    "is a path, and the setting media.schemes does not allow file; wanted \(wanted)")
            }
            self = .file(path: try Self.locate(text, configuration: configuration))
            return
        }
        guard SourceScheme(rawValue: scheme).map(configuration.schemes.contains) != false else {
            throw .unsupportedReference(
                "begins with \(scheme), which the setting media.schemes does not allow; wanted \(wanted)")
        }
        if scheme == "file" {
            guard let url = URL(string: text), url.host() ?? "" == "" || url.host() == "localhost", !url.path().isEmpty
            else { throw .unsupportedReference("is a file address without a path on this machine") }
            self = .file(path: try Self.locate(url.path(percentEncoded: false), configuration: configuration))
            return
        }
        guard let known = SourceScheme(rawValue: scheme) else {
            throw .unsupportedReference("begins with \(scheme.prefix(16)); wanted \(wanted)")
        }
        guard var components = URLComponents(string: written?.withEncodedUser ?? text), let host = components.host,
            !host.isEmpty
        else { throw .unsupportedReference("is not a valid address") }
        components.scheme = scheme
        if known == .srt, components.fragment != nil {
            throw .unsupportedReference("has a '#' that ends the address; write it as '%23'")
        }
        components.fragment = nil
        self =
            switch known {
            case .http, .https: .http(components)
            case .rtsp, .rtsps: .rtsp(components)
            case .rtmp, .rtmps: .rtmp(components)
            case .srt: .srt(components)
            case .udp, .rtp: .datagrams(components, isRTP: known == .rtp)
            case .file: throw .unsupportedReference("is a file address without a path on this machine")
            }
    }

    private static func locate(_ path: String, configuration: MediaConfiguration) throws(MediaError) -> String {
        let candidates: [String] =
            if path.hasPrefix("/") || configuration.allowsAnyPath {
                [path]
            } else {
                configuration.mediaRoots.map { $0.appending(path: path).path(percentEncoded: false) }
            }
        var liesOutside = candidates.isEmpty
        for candidate in candidates {
            guard let real = realPath(candidate) else {
                // Nothing is told about what does not lie below a root, not even whether it exists.
                if !configuration.allowsAnyPath, !isBelowRoot(lexicalPath(candidate), configuration) {
                    liesOutside = true
                }
                continue
            }
            guard configuration.allowsAnyPath || isBelowRoot(real, configuration) else {
                liesOutside = true
                continue
            }
            try checkPlainFile(real)
            return real
        }
        throw liesOutside ? .fileNotAllowed : .noSuchFile
    }

    private static func locateDevice(
        _ path: String, configuration: MediaConfiguration
    ) throws(MediaError) -> String {
        guard configuration.namesDevice(path) else {
            throw .unsupportedReference("is a device, which the setting media.devices does not name")
        }
        guard let real = realPath(path) else { throw .noSuchFile }
        guard VideoDevices.isDevice(real) else { throw .notAFile("what is no camera (Video4Linux)") }
        return real
    }

    private static func isBelowRoot(_ path: String, _ configuration: MediaConfiguration) -> Bool {
        configuration.mediaRoots.contains { root in
            let root = root.path(percentEncoded: false)
            return [realPath(root), lexicalPath(root)].contains { root in
                guard let root else { return false }
                return path == root || path.hasPrefix(root.hasSuffix("/") ? root : root + "/")
            }
        }
    }

    fileprivate static func lexicalPath(_ path: String) -> String {
        URL(filePath: path).standardized.path(percentEncoded: false)
    }

    fileprivate static func realPath(_ path: String) -> String? {
        guard !path.utf8.contains(0), let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    private static func checkPlainFile(_ path: String) throws(MediaError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .unreadableFile(String(cString: strerror(errno))) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .notAFile("a folder")
        default: throw .notAFile("a device, pipe or socket")
        }
        guard status.st_size > 0 else { throw .emptyFile }
        guard access(path, R_OK) == 0 else { throw .unreadableFile(String(cString: strerror(errno))) }
    }
}

extension MediaConfiguration {
    /// Whether `reference` is to be read from a device of this machine, if it may be read at all. Nothing is told by it of what exists
    /// and is not named.
    package func meansDevice(_ reference: String) -> Bool {
        let path = Reference.lexicalPath(reference)
        let isOfCameras = ["/dev/video", "/dev/v4l/"].contains(where: path.hasPrefix)
        return reference.hasPrefix("/") && (isOfCameras || namesDevice(reference))
    }
    /// Whether `path` is one of `devices`, or leads to where one of them does.
    fileprivate func namesDevice(_ path: String) -> Bool {
        let path = (lexical: Reference.lexicalPath(path), real: Reference.realPath(path))
        return devices.contains { device in
            let device = device.path(percentEncoded: false)
            return Reference.lexicalPath(device) == path.lexical
                || path.real != nil && Reference.realPath(device) == path.real
        }
    }
}
