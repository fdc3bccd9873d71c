import Frames
import Glibc
import Media
import Pipeline
import Records
import Scene

/// Why a source cannot be used: how far it came, what was found, and what to try.
public struct ProbeFailure: Hashable, Sendable {
    /// In the order in which they are passed.
    public enum Stage: String, Sendable, CaseIterable {
        /// What was written can be understood, and may be read.
        case address
        /// The host's name has an address.
        case lookup
        /// That address is one that sources may be at.
        case rules
        /// The host takes the connection and answers.
        case connect
        /// The server lets this login in.
        case login
        /// The server has what is asked for.
        case find
        /// What comes is video that is read here.
        case recognise
        /// Pictures come of it.
        case decode
        /// It goes on.
        case receive
        /// Pictures can be looked at.
        case analyse
    }
    public let stage: Stage
    /// What was found, and what to try: sentences.
    public let error, advice: String

    init(_ stage: Stage, _ error: String, _ advice: String) {
        (self.stage, self.error, self.advice) = (stage, Redaction.redacted(error), advice)
    }

    /// - Parameter reference: of the source.
    init(_ error: any Error, of reference: String) {
        switch error {
        case let error as MediaError:
            let (stage, advice) = error.verdict(isEncrypted: SourceAddress(reference)?.isEncrypted ?? false)
            self.init(stage, "\(error)", advice)
        case let failure as any SourceFailure where failure.endedDecoder:
            self.init(
                .decode, "\(failure)",
                "The video makes FFmpeg's decoder end. Try another codec or profile in the camera, or convert the file."
            )
        case let failure as any SourceFailure:
            self.init(.decode, "\(failure)", "The source is not to blame: try again, and see the server's log.")
        case PipelineError.invalidRectangle:
            self.init(.analyse, "\(error)", "Give the roi in per cent, or in pixels that the picture has.")
        default:
            self.init(.analyse, "\(error)", "See the server's log, and what models it has; try other parameters.")
        }
    }

    /// Nothing came in the time that there was.
    init(without statistics: SourceStatistics, after time: Duration) {
        let seconds = Int(time.seconds), packets = statistics.packetsRead
        self.init(
            .decode, "No picture could be decoded within \(seconds) s of \(packets) packets.",
            packets == 0
                ? "The source is open and sends nothing. See whether the camera is on and another program gets its picture; with UDP, whether a firewall lets the packets through."
                : "Pictures begin with a key frame, and none came. Set the camera to one every second or two (key frame interval, GOP)."
        )
    }
}

extension SourceAddress {
    fileprivate var isEncrypted: Bool { ["https", "rtsps", "rtmps"].contains(scheme) }
}

/// What is to be done about each failure of a source.
extension MediaError {
    fileprivate func verdict(isEncrypted: Bool) -> (ProbeFailure.Stage, String) {
        switch self {
        case .unsupportedReference(let found) where found.contains("media."):
            (.address, "If the source is to be read, let the operator allow it by the setting that is named.")
        case .unsupportedReference:
            (.address, "Correct the address. How usual cameras write theirs is in docs/sources.md.")
        case .fileNotAllowed:
            (.address, "Move the file below a media root, or name its folder there (setting media_roots).")
        case .noSuchFile:
            (
                .address,
                "Check the spelling. A relative path begins at a media root, and at the command line where that stands."
            )
        case .notAFile: (.address, "Name a file.")
        case .unreadableFile: (.address, "Give the server's user the right to read it.")
        case .emptyFile: (.recognise, "Copy the file again: nothing of it has arrived.")
        case .unknownHost:
            (
                .lookup,
                "Check the name, or write the host's address as a number. The server must know the name by its own DNS."
            )
        case .addressNotAllowed:
            (
                .rules,
                "If the source is to be there, let the operator name its network (media.allowed_networks), or allow this machine (media.allow_loopback)."
            )
        case .redirected: (.rules, "Write the address that the server sends to.")
        case .unauthorized:
            (
                .login,
                "Give a login and a password, or check those that were given, and that this account may watch. Some cameras have accounts for video apart, or lock them after wrong tries."
            )
        case .refusedByPeer: (.login, "Check passphrase and streamid, and that the peer expects this connection.")
        case .transportRefused:
            (
                .connect,
                "The camera takes packets another way: let the operator set media.rtsp_transport to auto and, for UDP, name the camera in media.allowed_networks."
            )
        case .notFoundOnServer:
            (
                .find,
                "The host answers, so the path is wrong: check it against the camera's manual, or look for the camera with discover."
            )
        case .segmentsMissing:
            (
                .find,
                "The list is there, and what it names is not: see whether the server still writes segments, and whether they may be at another host."
            )
        case .cannotOpen(let status): status.verdict(isEncrypted: isEncrypted)
        case .openTimedOut:
            (
                .connect,
                "Nothing came in time. Check that the host is on, that address and port are right, that no firewall is between, and that others get its picture."
            )
        case .notVideo:
            (.recognise, "Check that the address is that of the video, and not of a web page or a list of cameras.")
        case .notPicture, .unsupportedStill: (.recognise, "Give a plain JPEG, PNG or WebP, or a video.")
        case .indexMissing: (.recognise, "Wait until the recording is closed, or repair the file.")
        case .noVideoTrack: (.recognise, "Choose another stream of the camera: this one has no video.")
        case .unsupportedCodec:
            (.recognise, "Set the camera to H.264, H.265 or MJPEG, or convert the file.")
        case .tooManyPixels:
            (.recognise, "Choose a smaller resolution or the camera's second stream, or raise media.max_pixels.")
        case .tooMuchMemory, .tooLarge:
            (.decode, "Choose a smaller resolution or a simpler profile, or raise media.max_picture_memory.")
        case .tooManyTracks: (.recognise, "Choose one with fewer tracks, or raise media.max_tracks.")
        case .tooManyFrames: (.recognise, "Choose a lower frame rate, or raise media.max_frame_rate.")
        case .timestampsUnavailable: (.receive, "Use timestamp_source 'auto'.")
        case .stalled:
            (
                .receive,
                "The source is open and fell silent. Check the network, and how many viewers the camera serves at once."
            )
        case .interrupted, .closedByServer:
            (.receive, "The server ended it. Check the network, and how many viewers the camera serves at once.")
        case .nothingDecoded, .damaged:
            (
                .decode,
                "What comes is damaged or is something else. See whether another program plays it; over UDP, try TCP."
            )
        case .downloadFailed: (.connect, "See whether the file can be fetched by other means.")
        case .downloadTooLarge: (.find, "Give a shorter video, or raise media.max_download_bytes.")
        case .downloadFolderUnusable: (.address, "Let the operator make room on the server.")
        case .unsupportedPixelFormat: (.decode, "Set the camera to 4:2:0 with 8 bits, or convert the file.")
        case .cannotEncode, .cannotWriteVideo: (.analyse, "See the server's log.")
        }
    }
}

extension FFmpegStatus {
    /// "Invalid data found when processing input".
    private static let invalidData: Int32 = -1_094_995_529

    fileprivate func verdict(isEncrypted: Bool) -> (ProbeFailure.Stage, String) {
        switch rawValue {
        case -ECONNREFUSED:
            (
                .connect,
                "The host is there, and nothing listens at that port: check the port, and whether the camera has this service turned on."
            )
        case -EHOSTUNREACH, -ENETUNREACH, -ENETDOWN, -EHOSTDOWN:
            (.connect, "There is no way to the host: check its address, and the network between.")
        case -ETIMEDOUT:
            (
                .connect,
                "Nothing came in time. Check that the host is on, that address and port are right, that no firewall is between, and that others get its picture."
            )
        case -ECONNRESET, -EPIPE:
            (.connect, "The host ended the connection. Check the port, and how many viewers the camera serves at once.")
        case _ where isEncrypted:
            (
                .connect,
                "Nothing that speaks TLS answered as it should: check the port, and where certificates are verified, whether the server's own is valid."
            )
        case Self.invalidData:
            (.connect, "What answers there speaks something else: check the scheme of the address, and the port.")
        default:
            (
                .connect,
                "The server answered with an error: check the address against the camera's manual, and whether it is not too busy."
            )
        }
    }
}
