import CFFmpeg
import Frames
import Scene

extension Demuxer {
    /// What the container, its tracks and the codec say of themselves.
    func facts(over transport: SourceFacts.Transport) -> SourceFacts {
        let parameters = parameters.pointee, proportions = sampleAspectRatio(of: nil), turn = orientation.turn
        var facts = SourceFacts(
            container: context.map { String(cString: $0.pointee.iformat.pointee.name) } ?? "", transport: transport,
            profile: avcodec_profile_name(parameters.codec_id, parameters.profile).map { String(cString: $0) },
            storedSize: PixelSize(width: Int(parameters.width), height: Int(parameters.height)),
            pixelProportions: proportions.num > 0 && proportions.den > 0
                ? "\(proportions.num):\(proportions.den)" : nil,
            rotation: turn.degrees, isMirrored: turn.isMirrored)
        for track in otherTracks.prefix(SourceFacts.mostTracks) {
            let parameters = track.pointee.codecpar.pointee
            let codec =
                parameters.codec_id == AV_CODEC_ID_NONE ? nil : String(cString: avcodec_get_name(parameters.codec_id))
            switch parameters.codec_type {
            case AVMEDIA_TYPE_AUDIO:
                func told(_ number: Int32) -> Int? { number > 0 ? Int(number) : nil }
                facts.sounds.append(
                    SourceFacts.Sound(
                        codec: codec ?? "unknown", sampleRate: told(parameters.sample_rate),
                        channels: told(parameters.ch_layout.nb_channels), language: language(of: track)))
            case AVMEDIA_TYPE_VIDEO: facts.others.append(SourceFacts.OtherTrack(.video, codec: codec))
            case AVMEDIA_TYPE_DATA: facts.others.append(SourceFacts.OtherTrack(.data, codec: codec))
            case AVMEDIA_TYPE_SUBTITLE: facts.others.append(SourceFacts.OtherTrack(.subtitle, codec: codec))
            case AVMEDIA_TYPE_ATTACHMENT: facts.others.append(SourceFacts.OtherTrack(.attachment, codec: codec))
            default: facts.others.append(SourceFacts.OtherTrack(.unknown, codec: codec))
            }
        }
        return facts
    }

    private var otherTracks: [UnsafeMutablePointer<AVStream>] {
        guard let context else { return [] }
        return (0..<Int(context.pointee.nb_streams)).compactMap { context.pointee.streams[$0] }
            .filter { $0 != stream }
    }
    private func language(of track: UnsafeMutablePointer<AVStream>) -> String? {
        guard let entry = av_dict_get(track.pointee.metadata, "language", nil, 0), let value = entry.pointee.value
        else { return nil }
        return String(String(cString: value).prefix(SourceFacts.longestName))
    }
}

extension Entrance {
    /// By what the packets come. Over UDP FFmpeg may go over to TCP by itself where nothing comes that way, and does not tell.
    /// - Parameter way: of RTSP, in which it was opened, as far as that is known.
    func transport(by way: String?) -> SourceFacts.Transport {
        switch self {
        case .file: .file
        case .device: .device
        case .http(let address, _), .download(let address, _):
            address.lowercased().hasPrefix("https:") ? .https : .http
        case .rtsp(let address, _) where address.lowercased().hasPrefix("rtsps:"): .tls
        case .rtsp(_, let ways):
            switch way.flatMap(RTSPWay.init(rawValue:)) ?? ways.first {
            case .udp, .udpElseTCP: .udp
            case .http: .http
            case .tcp, nil: .tcp
            }
        case .rtmp(let address): address.lowercased().hasPrefix("rtmps:") ? .tls : .tcp
        case .datagrams(let isRTP): isRTP ? .rtp : .udp
        case .handedPackets: .srt
        }
    }
}

extension Orientation {
    /// Clockwise, in degrees, after mirroring from left to right.
    var turn: (degrees: Int, isMirrored: Bool) {
        for isMirrored in [false, true] {
            let start = isMirrored ? Orientation(mirrorsX: true) : .identity
            for degrees in [0, 90, 180, 270] where start.turned(by: degrees) == self { return (degrees, isMirrored) }
        }
        return (0, false)
    }
}
