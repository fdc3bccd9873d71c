import API
import Addresses
import Housekeeping
import Streams
public import Foundation
public import Logging
import Media
import Models
import Pipeline
import Scene
import Tracking

/// Everything an operator can set, parsed and checked once at start. `docs/settings.md` describes each key.
public struct Settings: Sendable {
    public var dataFolder: URL
    public var host: String
    public var port: Int
    public var logLevel: Logger.Level
    var analyticsFolder: URL
    var noopAnalytics: [String]
    var documentsFolder, viewerFolder: URL
    var engineFolder: URL
    var modelCard: URL
    /// The card of a bundled model.
    var bundledModel: @Sendable (DetectorModel) -> URL
    /// The rendered sample, where `make run` and `make bench` leave it.
    var sampleClip: URL
    /// Inferences at once.
    var parallelism: Int
    var media = MediaConfiguration()
    var tracking = TrackerConfiguration()
    /// Tracker thresholds that were set by the operator; the others come from the model's card.
    var isTrackingConfidenceSet: Set<String> = []
    var supervisor = SupervisorConfiguration()
    var api = APISettings()
    var logRetention = LogRetentionConfiguration()
    /// Every key there is.
    public private(set) var knownKeys: Set<String> = []
    /// What was given, by key, as text.
    private(set) var given: [String: String] = [:]

    /// - Parameters:
    ///   - flags: given on the command line, by key; they come before everything.
    ///   - environment: variables named `SIGHTLINE_…`.
    ///   - file: a settings file, which comes last before the defaults.
    /// - Throws: `SettingsError` for the first value that cannot be used.
    public init(flags: [String: String], environment: [String: String], file: URL?) throws {
        var reader = try SettingsReader(flags: flags, environment: environment, file: file)
        let home = reader.text("home")
        dataFolder = URL(fileURLWithPath: reader.text("data_dir") ?? "sightline-data")
        host = reader.text("host") ?? "127.0.0.1"
        port = try reader.integer("port", in: 0...65535) ?? 5000
        logLevel = try reader.choice("log_level", of: Logger.Level.self) ?? .info
        noopAnalytics = reader.list("noop_analytics", separator: ",") ?? []
        parallelism =
            try reader.integer("inference.parallelism", in: 1...256) ?? ProcessInfo.processInfo.activeProcessorCount
        let installation = try Installation(given: home)
        analyticsFolder = installation.analytics
        (documentsFolder, viewerFolder) = (installation.documents, installation.viewer)
        engineFolder = reader.text("engine_dir").map { URL(fileURLWithPath: $0) } ?? installation.engine
        sampleClip = installation.home.appending(path: "samples/.rendered/lobby.mp4")
        bundledModel = installation.model
        modelCard =
            reader.text("model").map { text in
                DetectorModel(rawValue: text).map(installation.model) ?? URL(fileURLWithPath: text)
            } ?? installation.model(.accurate)
        (api.host, api.port) = (host, port)
        api.bodyLimit = try reader.integer("api.body_limit", in: 1024...(64 << 20)) ?? api.bodyLimit
        api.bodyTimeout = try reader.duration("api.request_timeout", in: 1...3600) ?? api.bodyTimeout
        api.servesMetrics = try reader.flag("api.metrics") ?? api.servesMetrics
        api.isRegistrationOpen = try reader.flag("open_registration") ?? api.isRegistrationOpen
        try readMedia(&reader)
        try readSupervisor(&reader)
        try readLogRetention(&reader)
        try readTracking(&reader)
        (knownKeys, given) = (reader.knownKeys, reader.given)
        try reader.checkFile()
    }

    private mutating func readMedia(_ reader: inout SettingsReader) throws {
        let roots = reader.list("media_roots", separator: ":")
        media.mediaRoots = roots?.map { URL(fileURLWithPath: $0) } ?? [dataFolder.appending(path: "media")]
        media.downloadFolder = dataFolder.appending(path: "downloads")
        media.rtspTransport =
            try reader.choice("media.rtsp_transport", of: MediaConfiguration.RTSPTransport.self) ?? .tcp
        media.openDeadline = try reader.duration("media.open_timeout", in: 1...600) ?? media.openDeadline
        media.readDeadline = try reader.duration("media.read_timeout", in: 1...600) ?? media.readDeadline
        media.maximumPixels = try reader.integer("media.max_pixels", in: 1024...(1 << 28)) ?? media.maximumPixels
        media.maximumDownload =
            try reader.integer("media.max_download_bytes", in: 1...(1 << 50)) ?? media.maximumDownload
        media.liveCapacity = try reader.integer("media.live_buffer", in: 1...64) ?? media.liveCapacity
        media.verifiesCertificates = try reader.flag("media.verify_certificates") ?? media.verifiesCertificates
        // Who may talk to a daemon that listens on loopback alone is on this machine already.
        media.network.allowsLoopback = try reader.flag("media.allow_loopback") ?? isLoopback(host)
        for text in reader.list("media.allowed_networks", separator: ",") ?? [] {
            guard let range = NetworkRange(text) else {
                throw SettingsError(
                    key: "media.allowed_networks", found: text, wanted: "networks such as 10.0.0.0/8 or fd00::/8")
            }
            media.network.allowed.append(range)
        }
    }

    private mutating func readSupervisor(_ reader: inout SettingsReader) throws {
        supervisor.maximumStreams = try reader.integer("streams.maximum", in: 1...10_000) ?? supervisor.maximumStreams
        supervisor.checkInterval =
            try reader.duration("streams.check_interval", in: 0.1...60) ?? supervisor.checkInterval
        supervisor.reconnectPatience =
            try reader.duration("streams.reconnect_patience", in: 0...86_400) ?? supervisor.reconnectPatience
    }

    private mutating func readLogRetention(_ reader: inout SettingsReader) throws {
        logRetention.isActive = try reader.flag("logs.retention_active") ?? logRetention.isActive
        logRetention.interval =
            try reader.integer("logs.retention_interval", in: 1...1_000_000) ?? logRetention.interval
        logRetention.unit =
            try reader.choice("logs.retention_interval_type", of: LogRetentionConfiguration.Unit.self)
            ?? logRetention.unit
        logRetention.checkInterval =
            try reader.duration("logs.retention_check_interval", in: 1...86_400) ?? logRetention.checkInterval
    }

    /// Numbers of the tracker by name. They are shares, in `0...1`, unless `trackerBounds` says otherwise.
    static var trackerShares: [(String, WritableKeyPath<TrackerConfiguration, Float>)] {
        [
            ("high_confidence", \.highConfidence),
            ("low_confidence", \.lowConfidence),
            ("birth_confidence", \.birthConfidence),
            ("still_confidence", \.stillConfidence),
            ("movement", \.movement),
            ("thing_overlap", \.thingOverlap),
            ("first_gate", \.firstGate),
            ("second_gate", \.secondGate),
            ("tentative_gate", \.tentativeGate),
            ("buffer", \.buffer),
            ("buffer_per_second", \.bufferPerSecond),
            ("maximum_buffer", \.maximumBuffer),
            ("duplicate_overlap", \.duplicateOverlap),
            ("measurement_noise", \.measurementNoise),
            ("acceleration_noise", \.accelerationNoise),
            ("measured_share", \.measuredShare),
            ("size_noise", \.sizeNoise),
            ("initial_speed", \.initialSpeed),
        ]
    }
    private static let trackerBounds: [String: Double] = [
        "movement": 100,
        "buffer": 10,
        "buffer_per_second": 10,
        "maximum_buffer": 10,
        "measurement_noise": 10,
        "acceleration_noise": 100,
        "size_noise": 100,
        "initial_speed": 100,
    ]
    static var trackerTimes: [(String, WritableKeyPath<TrackerConfiguration, Duration>)] {
        [
            ("thing_age", \.thingAge),
            ("patience", \.patience),
            ("coasting", \.coasting),
            ("tentative_patience", \.tentativePatience),
        ]
    }

    private mutating func readTracking(_ reader: inout SettingsReader) throws {
        for (name, path) in Self.trackerShares {
            guard let value = try reader.number("tracker.\(name)", in: 0...(Self.trackerBounds[name] ?? 1)) else {
                continue
            }
            tracking[keyPath: path] = Float(value)
            isTrackingConfidenceSet.insert(name)
        }
        for (name, path) in Self.trackerTimes {
            guard let value = try reader.duration("tracker.\(name)", in: 0...600) else { continue }
            tracking[keyPath: path] = value
        }
    }

    /// The tracker as far as the operator speaks of it; confidences that he leaves out are the model's to say.
    var tracker: TrackerSettings {
        TrackerSettings(
            configuration: tracking,
            given: Set(isTrackingConfidenceSet.compactMap(TrackerSettings.Confidence.init(rawValue:))))
    }
    var models: ModelLibrary.Configuration {
        ModelLibrary.Configuration(
            engineFolder: engineFolder, parallelism: parallelism, defaultCard: modelCard, bundledCard: bundledModel)
    }
}

private func isLoopback(_ host: String) -> Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
