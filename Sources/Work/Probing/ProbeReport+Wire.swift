import Foundation
import Frames
public import JSON
import Scene

extension ProbeReport {
    /// As the API and the command tell it.
    public var json: JSONValue {
        [
            "status": failure == nil ? "opened" : "failed", "stage": .text(failure?.stage.rawValue),
            "error": .text(failure?.error), "advice": .text(failure?.advice), "time_to_open": .rounded(timeToOpen),
            "observed": .rounded(observed), "source": properties.flatMap(source) ?? .null,
            "picture": .text(picture.map { Data($0).base64EncodedString() }),
            "cost": cost?.json ?? .null,
        ]
    }

    private func source(_ properties: SourceProperties) -> JSONValue? {
        guard let facts = properties.facts else { return nil }
        return [
            "container": .string(facts.container), "transport": .string(facts.transport.rawValue),
            "segments": .text(properties.segments?.rawValue), "duration": .rounded(properties.duration),
            "video": video(properties, facts), "timestamps": stamps(facts.seen),
            "audio": .array(
                facts.sounds.map { sound in
                    [
                        "codec": .string(sound.codec), "sample_rate": .whole(sound.sampleRate),
                        "channels": .whole(sound.channels), "language": .text(sound.language),
                    ]
                }),
            "data": .array(facts.others.map { ["type": .string($0.kind.rawValue), "codec": .text($0.codec)] }),
        ]
    }

    private func video(_ properties: SourceProperties, _ facts: SourceFacts) -> JSONValue {
        let seen = facts.seen
        return [
            "codec": .string(properties.codec), "profile": .text(facts.profile), "size": .size(properties.size),
            "stored_size": .size(facts.storedSize), "pixel_aspect_ratio": .text(facts.pixelProportions),
            "rotation": .whole(facts.rotation), "mirrored": .bool(facts.isMirrored),
            "frame_rate": ["told": .rounded(properties.frameRate), "seen": .rounded(seen.frameRate)],
            "bit_rate": .whole(seen.bitRate.flatMap { Int(exactly: $0.rounded()) }),
            "keyframes": [
                "count": .whole(seen.keyframes), "distance_frames": .whole(seen.keyframeDistance),
                "distance": .rounded(seen.keyframeSeconds),
            ],
            "packets": .whole(seen.packets), "frames_decoded": .whole(statistics.framesDecoded),
            "damaged": .whole(statistics.packetsCorrupt),
        ]
    }

    private func stamps(_ seen: SourceFacts.Sightings) -> JSONValue {
        [
            "kind": .string(seen.stamps.rawValue), "missing": .whole(seen.missingStamps), "jumps": .whole(seen.jumps),
            "drift": .rounded(seen.drift), "clock_offset": .rounded(seen.clockOffset),
        ]
    }
}

extension ProbeReport.Cost {
    fileprivate var json: JSONValue {
        [
            "decode": .rounded(decoding), "analyse": .rounded(looking), "total": .rounded(decoding + looking),
            "looks_per_second": .rounded(looksPerSecond),
        ]
    }
}

extension JSONValue {
    fileprivate static func text(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    fileprivate static func whole(_ number: Int?) -> JSONValue { number.map { .integer(Int64($0)) } ?? .null }
    /// To a thousandth.
    fileprivate static func rounded(_ number: Double?) -> JSONValue {
        guard let number, number.isFinite else { return .null }
        return .number((number * 1000).rounded() / 1000)
    }
    fileprivate static func size(_ size: PixelSize) -> JSONValue {
        ["width": .integer(Int64(size.width)), "height": .integer(Int64(size.height))]
    }
}
