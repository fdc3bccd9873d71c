import Addresses
import API
import Streams
import Foundation
import JSON
import Logging
import Media
import Pipeline
import Tracking

extension Settings {
    /// Every setting in force, as `/6/config` shows it: section, key, value. Keys without a section of their own are under
    /// `SIGHTLINE`; times are in seconds.
    /// - Parameter tracking: with what the model's card says of it.
    func shown(tracking: TrackerConfiguration) -> [String: [String: JSONValue]] {
        var values: [String: JSONValue] = [
            "home": .string(analyticsFolder.deletingLastPathComponent().path),
            "data_dir": .string(dataFolder.path), "host": .string(host), "port": .integer(Int64(port)),
            "log_level": .string(logLevel.rawValue), "noop_analytics": .array(noopAnalytics.map { .string($0) }),
            "media_roots": .array(media.mediaRoots.map { .string($0.path) }), "model": .string(modelCard.path),
            "engine_dir": .string(engineFolder.path), "inference.parallelism": .integer(Int64(parallelism)),
            "api.body_limit": .integer(Int64(api.bodyLimit)), "api.request_timeout": api.bodyTimeout.shown,
            "api.metrics": api.servesMetrics ? 1 : 0,
            "media.rtsp_transport": .string(media.rtspTransport.rawValue),
            "media.open_timeout": media.openDeadline.shown, "media.read_timeout": media.readDeadline.shown,
            "media.max_pixels": .integer(Int64(media.maximumPixels)),
            "media.max_download_bytes": .integer(Int64(media.maximumDownload)),
            "media.live_buffer": .integer(Int64(media.liveCapacity)),
            "media.verify_certificates": media.verifiesCertificates ? 1 : 0,
            "media.allow_loopback": media.network.allowsLoopback ? 1 : 0,
            "streams.maximum": .integer(Int64(supervisor.maximumStreams)),
            "streams.check_interval": supervisor.checkInterval.shown,
            "streams.reconnect_patience": supervisor.reconnectPatience.shown,
        ]
        for (name, path) in Self.trackerShares { values["tracker.\(name)"] = .decimal(tracking[keyPath: path]) }
        for (name, path) in Self.trackerTimes { values["tracker.\(name)"] = tracking[keyPath: path].shown }
        // What has no entry above is shown as it was given; `null` means that the default is in force.
        for key in knownKeys where values[key] == nil { values[key] = given[key].map { .string($0) } ?? .null }

        var sections: [String: [String: JSONValue]] = [:]
        for (key, value) in values {
            let parts = key.uppercased().split(separator: ".", maxSplits: 1)
            let section = parts.count == 2 ? String(parts[0]) : "SIGHTLINE"
            sections[section, default: [:]][String(parts[parts.count - 1])] = value
        }
        return sections
    }
}

extension Duration {
    fileprivate var shown: JSONValue { .number(self / .seconds(1)) }
}
extension JSONValue {
    /// `0.3` for the `Float` nearest to it, not `0.30000001192092896`.
    fileprivate static func decimal(_ value: Float) -> JSONValue { .number(Double(value.description) ?? Double(value)) }
}
