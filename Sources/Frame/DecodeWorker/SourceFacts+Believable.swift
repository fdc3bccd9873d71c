import Frames
import Scene

extension SourceFacts {
    /// What another process says, as far as anybody could mean it.
    var believable: Self {
        var result = self
        result.container = container.believable
        result.profile = profile?.believable
        result.pixelProportions = pixelProportions?.believable
        let sides = 0...(1 << 24)
        if !sides.contains(storedSize.width) || !sides.contains(storedSize.height) {
            result.storedSize = PixelSize(width: 0, height: 0)
        }
        if ![0, 90, 180, 270].contains(rotation) { result.rotation = 0 }
        result.sounds = sounds.prefix(Self.mostTracks).map { sound in
            Sound(
                codec: sound.codec.believable, sampleRate: sound.sampleRate?.within(1...1 << 30),
                channels: sound.channels?.within(1...1 << 16),
                language: sound.language?.believable)
        }
        result.others = others.prefix(Self.mostTracks).map { track in
            OtherTrack(track.kind, codec: track.codec?.believable)
        }
        result.seen = seen.believable
        return result
    }
}

extension SourceFacts.Sightings {
    private static let mostCounted = 1 << 48

    fileprivate var believable: Self {
        var result = self
        let counts = 0...Self.mostCounted
        result.packets = packets.within(counts) ?? 0
        result.keyframes = keyframes.within(counts) ?? 0
        result.missingStamps = missingStamps.within(counts) ?? 0
        result.jumps = jumps.within(counts) ?? 0
        result.keyframeDistance = keyframeDistance?.within(counts)
        result.frameRate = frameRate?.within(0...1e9)
        result.bitRate = bitRate?.within(0...1e15)
        result.keyframeSeconds = keyframeSeconds?.within(0...1e9)
        result.drift = drift?.within(-1e9...1e9)
        result.clockOffset = clockOffset?.within(-1e9...1e9)
        result.processorTime = processorTime.within(0...1e9) ?? 0
        return result
    }
}

extension String {
    /// Of letters that a terminal takes for letters.
    fileprivate var believable: String {
        String(String.UnicodeScalarView(unicodeScalars.filter { $0.properties.generalCategory != .control }))
            .prefix(SourceFacts.longestName).description
    }
}

extension Comparable {
    /// `nil` of what lies outside.
    fileprivate func within(_ range: ClosedRange<Self>) -> Self? { range.contains(self) ? self : nil }
}
