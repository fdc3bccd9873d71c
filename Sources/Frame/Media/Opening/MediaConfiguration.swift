public import Addresses
public import Foundation
public import Records

/// What the address of a source may begin with, before `://`.
public enum SourceScheme: String, Sendable, CaseIterable {
    case file, http, https, rtsp, rtsps, rtmp, rtmps, srt, udp, rtp
}

/// Everything an operator may tune about sources.
public struct MediaConfiguration: Codable, Sendable {
    public enum RTSPTransport: String, Sendable, CaseIterable { case auto, tcp, udp, http }

    /// What references may begin with. Whoever may register streams opens ports with `udp` and `rtp`, so an operator names them.
    public var schemes: [SourceScheme] = [.file, .http, .https, .rtsp, .rtsps, .rtmp, .rtmps, .srt]

    /// What sources may be, in words.
    var wantedSources: String {
        let names = schemes.filter { $0 != .file }.map(\.rawValue)
        let addresses = names.isEmpty ? [] : ["an address that begins with \(names.joined(separator: ", "))"]
        return ((schemes.contains(.file) ? ["a file"] : []) + addresses).joined(separator: " or ")
    }

    /// Whether an SRT source may wait for its peer at a port: whoever may register streams opens it.
    public var allowsSRTListeners = false

    /// Where what strangers send is demuxed and decoded: in a process of its own without rights, or in the daemon's own.
    public enum Isolation: String, Sendable, CaseIterable { case worker, none }
    public var isolation: Isolation = .worker

    /// Folders that file references must lie in, after symbolic links are followed. A relative reference is looked up
    /// in each, in order. Empty: no files.
    public var mediaRoots: [URL] = []
    /// Cameras of this machine that may be read, `/dev/video0` say; links are followed. They are read and decoded in this process: a
    /// worker opens nothing.
    public var devices: [URL] = []
    /// Files anywhere may be opened, and relative references start at the working directory: for the command line,
    /// where whoever names a file may read it anyway.
    public var allowsAnyPath = false

    /// How RTSP carries its packets. `auto` is `tcp` and, for a camera that refuses it, `udp`. `tcp` passes firewalls and loses nothing;
    /// `udp` has less delay, and artefacts on loss, and is for servers in `network.allowed` only. `http` is TCP within two HTTP
    /// connections, for what lets nothing else pass, and takes a worker.
    public var rtspTransport: RTSPTransport = .auto
    /// Which hosts sources may be on.
    public var network = NetworkPolicy()
    /// Whether the certificates of `https` servers are verified. Off, because cameras sign their own. FFmpeg verifies none of
    /// `rtsps`, so such sources are refused when this is on.
    public var verifiesCertificates = false

    /// Opening, with all attempts to tell the format, fails after so long.
    public var openDeadline: Duration = .seconds(10)
    /// Opening fails when the server has not said for so long what it has; `nil`: it has as long as opening may take.
    package var answerDeadline: Duration?
    /// An open source fails when nothing arrives for so long.
    public var readDeadline: Duration = .seconds(10)
    /// An HTTP address that has one picture is asked for the next after as long as the analytics have no use for one, and no sooner than this.
    public var snapshotInterval: Duration = .milliseconds(500)
    /// A source whose packets give no picture for so long fails.
    public var decodePatience: Duration = .seconds(30)
    /// With `timestamp_source` `pts`, an RTSP camera that has not told its time for so long fails. Cameras report every five
    /// or ten seconds.
    public var reportPatience: Duration = .seconds(20)
    /// Pictures with more pixels are refused.
    public var maximumPixels = 7680 * 4320
    /// Bytes that the pictures of one source may take: up to 17 that its decoder refers to, those that wait and those that are being
    /// looked at. What a decoder keeps beside them, for each block of a picture, comes to a tenth of that.
    public var maximumPictureMemory = 768 << 20

    /// Content with more tracks is refused, whatever they hold.
    public var maximumTracks = 64
    /// Video that has more frames a second is refused.
    public var maximumFrameRate = 1000

    /// Frames that wait for a slow pipeline before the oldest is forgotten. More: fewer losses in short stalls, older events.
    public var liveCapacity = 3
    /// Frames decoded ahead of the pipeline. More only costs memory.
    public var fileCapacity = 4

    /// Where `downloadable` references are kept while they are processed. Created when missing.
    public var downloadFolder = FileManager.default.temporaryDirectory.appending(path: "sightline-downloads")
    /// Downloads beyond so many bytes are refused.
    public var maximumDownload = 4 << 30
    /// Whether the disk of the download folder has room beside what is to stay free. Asked for every piece of a download.
    public var isRoomForDownloads: @Sendable () -> Bool = { true }
    /// A download fails after so long.
    public var downloadDeadline: Duration = .seconds(3600)

    /// Demuxers for files and for HTTP, in FFmpeg's names. None of them opens another file or address.
    public var containers = [
        "mov", "matroska", "webm", "avi", "mpegts", "mpeg", "mpegvideo", "flv", "h264", "hevc", "m4v", "mjpeg",
        "mpjpeg", "ogg", "ivf", "obu", "asf", "yuv4mpegpipe", "jpeg_pipe", "png_pipe", "webp_pipe", "gif",
    ]
    /// Decoders, in FFmpeg's names: the common ones, as each decoder is code that reads hostile bytes.
    public var decoders = [
        "h264", "hevc", "mpeg4", "mjpeg", "vp8", "vp9", "libdav1d", "libaom-av1", "av1", "mpeg1video", "mpeg2video",
        "mpegvideo", "h263", "h263p", "h263i", "flv", "msmpeg4v1", "msmpeg4v2", "msmpeg4", "wmv1", "wmv2", "wmv3",
        "vc1", "theora", "prores", "dnxhd", "ffv1", "huffyuv", "ffvhuff", "utvideo", "rawvideo", "wrapped_avframe",
        "png", "webp", "gif", "cinepak", "dvvideo", "jpeg2000", "qtrle", "magicyuv",
    ]

    public init() {}

    /// What reading and decoding go by. The rest is decided before anything is read, and is not told to those who only read.
    private enum CodingKeys: CodingKey {
        case verifiesCertificates, openDeadline, answerDeadline, readDeadline, decodePatience, reportPatience,
            maximumPixels, snapshotInterval
        case maximumPictureMemory, maximumTracks, maximumFrameRate, maximumDownload, downloadDeadline, containers
        case decoders
    }

    public static let settings: [Setting<MediaConfiguration>] = [
        Setting("media_roots", \.mediaRoots, separator: ":"),
        Setting("media.devices", \.devices, separator: ","),
        Setting("media.isolation", \.isolation),
        Setting("media.rtsp_transport", \.rtspTransport),
        Setting(
            "media.schemes", \.schemes, separator: ",",
            wanted: "one of " + SourceScheme.allCases.map(\.rawValue).joined(separator: ", "),
            parse: { SourceScheme(rawValue: $0) }, show: \.rawValue),
        Setting("media.srt_listener", \.allowsSRTListeners),
        Setting("media.open_timeout", \.openDeadline, seconds: 1...600),
        Setting("media.read_timeout", \.readDeadline, seconds: 1...600),
        Setting("media.snapshot_interval", \.snapshotInterval, seconds: 0.05...3600),
        Setting("media.max_pixels", \.maximumPixels, in: 1024...(1 << 28)),
        Setting("media.max_picture_memory", \.maximumPictureMemory, in: (1 << 20)...(1 << 36)),
        Setting("media.max_tracks", \.maximumTracks, in: 1...1000),
        Setting("media.max_frame_rate", \.maximumFrameRate, in: 1...100_000),
        Setting("media.max_download_bytes", \.maximumDownload, in: 1...(1 << 50)),
        Setting("media.live_buffer", \.liveCapacity, in: 1...64),
        Setting("media.verify_certificates", \.verifiesCertificates),
        Setting("media.allow_loopback", \.network.allowsLoopback),
        Setting(
            "media.allowed_networks", \.network.allowed, separator: ",",
            wanted: "networks such as 10.0.0.0/8 or fd00::/8", parse: { NetworkRange($0) }, show: \.description
        ),
    ]
}

extension MediaConfiguration {
    /// Bytes of one block of FFmpeg's memory, of whichever source: it holds a plane of a picture, a list of a container's parts, or
    /// the description that a camera sends, and never more than this.
    package var largestBlock: Int { max(256 << 20, maximumPixels * 8) }

    /// A proxy for one source, which connects to allowed addresses only.
    func checkingProxy() throws(MediaError) -> CheckingProxy {
        do throws(AddressError) { return try CheckingProxy(policy: network) } catch { throw MediaError(error) }
    }
    /// The address of `host` to connect to; all that it has are allowed. Blocks while the name is being resolved.
    func address(of host: String) throws(MediaError) -> NetworkAddress {
        do throws(AddressError) {
            guard let first = try network.addresses(of: host).first else { throw .unknownHost }
            return first
        } catch {
            throw MediaError(error)
        }
    }
}
