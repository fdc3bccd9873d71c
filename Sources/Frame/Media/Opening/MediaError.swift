public import Addresses
public import Frames
public import Records
public import Scene

/// Why a source could not be opened, or stopped delivering frames, or why a picture or video could not be written.
///
/// No case carries an address, a path or anything else that may hold a password.
public enum MediaError: SourceFailure, Hashable, Codable {
    /// The reference is neither a path nor an address of a kind that we read.
    case unsupportedReference(String)
    /// The file lies outside the folders that the operator allows.
    case fileNotAllowed
    case noSuchFile
    /// The path leads to something that is not a plain file.
    case notAFile(String)
    case unreadableFile(String)
    case emptyFile
    /// The host's name has no address.
    case unknownHost
    /// The host has an address that the operator does not allow.
    case addressNotAllowed(NetworkRange.Kind)
    /// An RTSP server sent us to another address, which has not been checked.
    case redirected
    /// An SRT peer does not let us in.
    case refusedByPeer
    /// The camera carries its packets in none of the ways that it was asked for.
    case transportRefused
    /// The server wants other credentials, or does not let these in.
    case unauthorized
    /// The server does not have what was asked for.
    case notFoundOnServer
    /// No segment that the playlist names could be opened; why the last could not.
    case segmentsMissing(FFmpegStatus)
    /// The source could not be opened.
    case cannotOpen(FFmpegStatus)
    case openTimedOut(after: Duration)
    /// The content is not video in a form that we read.
    case notVideo
    /// The content is not a picture in a form that we read.
    case notPicture
    /// A recognised MP4 or MOV file without its index, which is written last.
    case indexMissing
    case noVideoTrack
    /// The installed FFmpeg has no decoder for this codec, or the operator does not allow it.
    case unsupportedCodec(String)
    /// The content is a picture in a form that we read, coded within it as we do not read it.
    case unsupportedStill(String)
    case tooManyPixels(PixelSize, limit: Int)
    /// The pictures that must be held at once take more memory than one source may have, both in bytes.
    case tooMuchMemory(Int, limit: Int)
    case tooManyTracks(limit: Int)
    /// A part of the content, such as a list in a container's index, takes more bytes of memory than one block may have.
    case tooLarge(limit: Int)
    case tooManyFrames(perSecond: Int, limit: Int)
    /// The stream's `timestamp_source` does not fit the source.
    case timestampsUnavailable(SourceSpecification.TimestampSource, String)
    /// No packet arrived within the read deadline, or the shorter time that the source is given by whoever watches it.
    case stalled(after: Duration)
    /// The connection broke.
    case interrupted(FFmpegStatus)
    /// A live source ended, which cameras do not do of their own will.
    case closedByServer
    /// Packets came, but no picture.
    case nothingDecoded(packets: Int)
    /// A part of the content could not be read or decoded, and was not to be passed over.
    case damaged
    case downloadFailed(FFmpegStatus)
    case downloadTooLarge(limit: Int)
    /// The download folder cannot be written.
    case downloadFolderUnusable(String)
    /// A picture's pixel format cannot be converted.
    case unsupportedPixelFormat(String)
    case cannotEncode(String)
    case cannotWriteVideo(String)

    init(_ error: AddressError) {
        self =
            switch error {
            case .unknownHost: .unknownHost
            case .notAllowed(let kind): .addressNotAllowed(kind)
            case .cannotConnect(let number): .cannotOpen(FFmpegStatus(rawValue: -number))
            }
    }

    public var isTransient: Bool {
        switch self {
        case .unknownHost, .refusedByPeer, .transportRefused, .unauthorized, .notFoundOnServer, .segmentsMissing,
            .cannotOpen, .openTimedOut, .stalled, .interrupted,
            .closedByServer, .nothingDecoded, .downloadFailed, .downloadFolderUnusable:
            true
        case .unsupportedReference, .fileNotAllowed, .noSuchFile, .notAFile, .unreadableFile, .emptyFile,
            .addressNotAllowed, .redirected, .notVideo, .notPicture, .indexMissing, .noVideoTrack, .unsupportedCodec,
            .unsupportedStill,
            .tooManyPixels, .tooMuchMemory, .tooManyTracks, .tooLarge, .tooManyFrames, .timestampsUnavailable,
            .downloadTooLarge, .damaged,
            .unsupportedPixelFormat,
            .cannotEncode, .cannotWriteVideo:
            false
        }
    }

    /// The limit that was reached, where that is why.
    package var limit: SourceLimit? {
        switch self {
        case .addressNotAllowed, .redirected: .address
        case .tooManyTracks: .tracks
        case .tooManyPixels: .pixels
        case .tooMuchMemory, .tooLarge: .memory
        case .tooManyFrames: .frameRate
        case .downloadTooLarge: .download
        default: nil
        }
    }
    public var silence: Duration? { if case .stalled(let patience) = self { patience } else { nil } }
    public var isDamage: Bool { self == .damaged }

    public var description: String {
        switch self {
        case .unsupportedReference(let found):
            "The reference \(found)."
        case .fileNotAllowed: "The file lies outside the media roots; wanted a file below one of them."
        case .noSuchFile: "There is no such file; wanted an existing video file."
        case .notAFile(let found): "The path leads to \(found); wanted a video file."
        case .unreadableFile(let reason): "The file cannot be read: \(reason)."
        case .emptyFile: "The file is empty; wanted a video file."
        case .unknownHost: "The host name of the address could not be resolved."
        case .addressNotAllowed(let kind):
            "The host has \(kind.phrase), which the settings do not allow for sources."
        case .redirected: "The server redirects to another address; wanted the final address as the reference."
        case .refusedByPeer:
            "The SRT peer refused the connection; wanted the passphrase and the streamid that it expects."
        case .transportRefused:
            "The camera refuses the way its packets are asked for (461, setting media.rtsp_transport); over UDP only cameras in media.allowed_networks are asked."
        case .unauthorized:
            "The server refused the credentials (401 or 403), or wants them in a way that FFmpeg does not know, such as Digest with SHA-256 alone."
        case .notFoundOnServer: "The server does not have the requested stream or file (404)."
        case .segmentsMissing(let status): "No segment that the playlist names could be opened: \(status)."
        case .cannotOpen(let status): "The source could not be opened: \(status)."
        case .openTimedOut(let limit): "The source did not open within \(limit.text)."
        case .notVideo:
            "The content was not recognised; wanted video in a common container such as MP4, MKV or MPEG-TS."
        case .notPicture: "The content was not recognised; wanted a picture: JPEG, PNG, BMP, TIFF, PPM or WebP."
        case .indexMissing: "The MP4 file has no index (moov), as when a recording was cut off; wanted a complete file."
        case .noVideoTrack: "No video track was found; wanted at least one."
        case .unsupportedCodec(let name): "The video track is coded as \(name), for which no decoder is available."
        case .unsupportedStill(let name): "The picture is a \(name), which is not read; wanted a plain one."
        case .tooManyPixels(let size, let limit):
            "The picture has \(size.width)x\(size.height) pixels; wanted at most \(limit) pixels in all."
        case .tooMuchMemory(let found, let limit):
            "The video's pictures need \(found) bytes of memory at once; wanted at most \(limit) (setting media.max_picture_memory)."
        case .tooManyTracks(let limit): "The content has more than \(limit) tracks; wanted at most \(limit)."
        case .tooLarge(let limit):
            "A part of the content, such as the index of a container, takes more than \(limit) bytes of memory."
        case .tooManyFrames(let perSecond, let limit):
            "The video has \(perSecond) frames a second; wanted at most \(limit)."
        case .timestampsUnavailable(let source, let reason):
            "timestamp_source \(source.rawValue) cannot be used: \(reason)."
        case .stalled(let limit): "No video came from the source for \(limit.text)."
        case .interrupted(let status): "The connection to the source broke: \(status)."
        case .closedByServer: "The live source closed the connection."
        case .nothingDecoded(let packets): "No picture could be decoded from \(packets) packets."
        case .damaged: "A part of the video is damaged."
        case .downloadFailed(let status): "The download failed: \(status)."
        case .downloadTooLarge(let limit): "The download exceeds the limit of \(limit) bytes."
        case .downloadFolderUnusable(let reason): "The download folder cannot be written: \(reason)."
        case .unsupportedPixelFormat(let name): "Pictures in the pixel format \(name) cannot be converted."
        case .cannotEncode(let reason): "The picture could not be encoded: \(reason)."
        case .cannotWriteVideo(let reason): "The video could not be written: \(reason)."
        }
    }
}

extension MediaError {
    /// What another process says, as far as anybody could mean it: no deadline lasts longer than a day.
    package var believable: Self {
        switch self {
        case .openTimedOut(let limit): .openTimedOut(after: limit.believable)
        case .stalled(let limit): .stalled(after: limit.believable)
        default: self
        }
    }
}

extension Duration {
    /// What is longer counts as this, thirty thousand years: its microseconds must fit into 64 bits.
    static let longestCounted: Duration = .seconds(1_000_000_000_000)

    fileprivate var believable: Duration { min(max(self, .zero), .seconds(86_400)) }

    /// For sentences: `10 s`, `0.25 s`; to a hundredth of a second.
    var text: String {
        let seconds = (min(max(self, .zero), .longestCounted).seconds * 100).rounded() / 100
        return seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\(seconds) s"
    }
}
