import Foundation
import Frames
import JSON
public import Probing
import Scene

/// What came of trying a source, as the API tells it.
public func probeDocument(_ report: ProbeReport) -> String { String(decoding: report.json.data, as: UTF8.self) }

/// What came of trying a source, as lines for people.
public func probeTable(_ report: ProbeReport) -> [String] {
    var rows: [(String, String)] = []
    if let failure = report.failure {
        rows += [("failed at", failure.stage.rawValue), ("error", failure.error), ("advice", failure.advice)]
    }
    if let properties = report.properties, let facts = properties.facts {
        rows += rowsOfSource(properties, facts, report.statistics)
    }
    if let cost = report.cost {
        rows.append(
            (
                "cost",
                "\(told(cost.decoding)) % of a core to decode, \(told(cost.looking)) % to look at \(told(cost.looksPerSecond)) frames a second"
            ))
    }
    if report.properties != nil {
        rows.append(("opened in", "\(told(report.timeToOpen)) s, looked at for \(told(report.observed)) s"))
    }
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, text in name + String(repeating: " ", count: width - name.count + 2) + text }
}

private func rowsOfSource(
    _ properties: SourceProperties, _ facts: SourceFacts, _ counts: SourceStatistics
) -> [(String, String)] {
    let seen = facts.seen
    var rows = [
        ("container", "\(facts.container) over \(facts.transport.rawValue)"),
        ("video", "\(properties.codec)\(facts.profile.map { " (\($0))" } ?? "") \(text(properties.size))"),
    ]
    if facts.storedSize != properties.size || facts.rotation != 0 || facts.isMirrored {
        rows.append(
            (
                "stored as",
                "\(text(facts.storedSize)), pixels \(facts.pixelProportions ?? "square"), to be turned by \(facts.rotation)°\(facts.isMirrored ? " and mirrored" : "")"
            ))
    }
    rows.append(
        (
            "frame rate",
            "\(properties.frameRate.map(told) ?? "-") told, \(seen.frameRate.map(told) ?? "-") seen (\(seen.packets) packets, \(counts.framesDecoded) pictures, \(counts.packetsCorrupt) damaged)"
        ))
    if let distance = seen.keyframeDistance {
        rows.append(
            ("key frames", "every \(distance) frames" + (seen.keyframeSeconds.map { ", \(told($0)) s" } ?? "")))
    } else {
        rows.append(("key frames", "\(seen.keyframes) seen, so that their distance is not known"))
    }
    if let bitRate = seen.bitRate { rows.append(("bit rate", "\(told(bitRate / 1000)) kbit/s")) }
    var stamps = seen.stamps.rawValue.replacing("_", with: " ")
    if let drift = seen.drift { stamps += ", drift \(told(drift * 1000)) ms" }
    if let offset = seen.clockOffset { stamps += ", clock off by \(told(offset)) s" }
    if seen.jumps > 0 { stamps += ", \(seen.jumps) jumps" }
    rows.append(("time stamps", stamps))
    for sound in facts.sounds {
        let rate = sound.sampleRate.map { " \($0) Hz" } ?? "", channels = sound.channels.map { ", \($0) channels" }
        rows.append(("sound", "\(sound.codec)\(rate)\(channels ?? "")\(sound.language.map { ", \($0)" } ?? "")"))
    }
    for track in facts.others { rows.append((track.kind.rawValue, track.codec ?? "of an unknown kind")) }
    return rows
}

private func text(_ size: PixelSize) -> String { "\(size.width)x\(size.height)" }
/// To a hundredth.
private func told(_ number: Double) -> String {
    let text = String(format: "%.2f", number)
    return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
}
