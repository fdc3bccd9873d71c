import CFFmpeg
import Scene

/// Options for an FFmpeg call: names and values of ours, never a client's.
struct FFmpegOptions: ~Copyable {
    private(set) var dictionary: OpaquePointer?
    init(_ options: [String: String]) {
        for (name, value) in options { av_dict_set(&dictionary, name, value, 0) }
    }
    deinit {
        var dictionary = dictionary
        av_dict_free(&dictionary)
    }
    /// The call takes the options it knows and leaves the rest.
    mutating func withPointer<R>(_ body: (UnsafeMutablePointer<OpaquePointer?>) -> R) -> R { body(&dictionary) }
}

extension MediaConfiguration {
    /// For HTTP(S), which goes through the proxy at the address `proxy`.
    func httpOptions(proxy: String) -> [String: String] {
        [
            "protocol_whitelist": "http,https,httpproxy,tcp,tls",
            "http_proxy": proxy,
            "rw_timeout": "\(Int(readDeadline.seconds * 1e6))",  // µs
            "tls_verify": verifiesCertificates ? "1" : "0",
            "user_agent": "Sightline",
        ]
    }
    /// For what may also be a playlist (RFC 8216), of which each segment, key and further playlist goes through the proxy too. Segments may
    /// be encrypted. FFmpeg picks by endings of names what may be a segment, for the sake of files, of which none can be opened here.
    func playlistOptions(proxy: String) -> [String: String] {
        var options = httpOptions(proxy: proxy)
        options["protocol_whitelist", default: ""] += ",crypto"
        options.merge([
            "allowed_extensions": "ALL", "allowed_segment_extensions": "ALL", "extension_picky": "0",
            // The proxy checks the first request of a connection.
            "http_persistent": "0", "http_multiple": "0",
        ]) { $1 }
        return options
    }
    /// No deadline of FFmpeg's own: those are ours. A server that sends its viewers elsewhere gets no second connection.
    var rtmpOptions: [String: String] {
        [
            "protocol_whitelist": "rtmp,rtmps,tcp,tls", "format_whitelist": "flv,live_flv", "tls_verify": "0",
            // µs; sound, which we do not decode, would keep it looking for longer
            "analyzeduration": "2000000",
        ]
    }
    /// Over UDP a server names the host that FFmpeg answers to, which nobody checks: so only servers that the operator named
    /// are asked for it.
    func rtspOptions(_ way: RTSPWay, allTracks: Bool = false) -> [String: String] {
        // Deadlines are ours. FFmpeg's own is how long it waits for packets over UDP before it asks for TCP, and over TCP it breaks off
        // what it reads.
        let patience = way.isOverUDP ? min(openDeadline, readDeadline) / 2 : max(openDeadline, readDeadline)
        var options = [
            "protocol_whitelist": way == .http ? "rtsp,http,tcp" : "rtsp,rtsps,rtp,tcp,tls,udp",
            "format_whitelist": "rtsp",
            "rtsp_transport": way.rawValue,
            // Frames by which the rate is judged; by default twenty, which a slow camera takes seconds to send.
            "fpsprobesize": "5",
            "allowed_media_types": "video",
            "timeout": "\(Int(patience.seconds * 1e6))",  // µs
            "user_agent": "Sightline",
        ]
        if way.isOverUDP { options.merge(Self.jitterBuffer) { $1 } }
        if allTracks {
            options["allowed_media_types"] = "video+audio+data+subtitle"
            // µs; for sound that is announced and does not come
            options["analyzeduration"] = "2000000"
        }
        return options
    }
    /// Packets that overtake others wait for those, so many and so long; what comes later is lost.
    private static let jitterBuffer = [
        "reorder_queue_size": "500",
        "max_delay": "200000",  // µs
        "buffer_size": "\(2 << 20)",  // bytes that the system keeps until they are read; it may allow fewer
    ]
}

extension MediaError {
    /// What a status of opening or reading means to a caller.
    init(opening status: Int32) {
        self =
            switch status {
            case sl_error_http_unauthorized, sl_error_http_forbidden: .unauthorized
            case sl_error_http_not_found: .notFoundOnServer
            default: .cannotOpen(FFmpegStatus(rawValue: status))
            }
    }
}
