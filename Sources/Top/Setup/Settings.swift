public import API
import Addresses
public import Analytics
public import Console
public import Discovery
public import Foundation
public import HTTPEdge
public import Housekeeping
import Inference
public import JobDoors
public import Jobs
public import Media
public import Models
public import Notifications
public import Pipeline
public import Records
import Scene
public import Store
public import Streams
import Tracking

/// Everything an operator can set, parsed and checked once at start. `docs/settings.md` describes each key.
///
/// A setting stands in the table of its configuration; here the tables are put together and walked.
public struct Settings: Sendable {
    public var daemon: DaemonConfiguration
    public var listener: ListenerConfiguration
    public var api = APISettings()
    public var console = ConsoleConfiguration()
    public var database = DatabaseConfiguration()
    public var media = MediaConfiguration()
    public var models: ModelLibrary.Configuration
    public var streams = SupervisorConfiguration()
    public var tracker = TrackerSettings()
    public var callbacks = CallbackConfiguration()
    public var logRetention = LogRetentionConfiguration()
    public var eventRetention = EventRetentionConfiguration()
    public var why = WhyConfiguration()
    public var objects = ObjectConfiguration()
    public var objectRetention = ObjectRetentionConfiguration()
    public var biometricLog = BiometricLogConfiguration()
    public var jobs = JobConfiguration()
    public var jobDoors = JobDoorConfiguration()
    public var discovery = DiscoveryConfiguration()
    public var diskReserve = DiskReserveConfiguration()
    /// Where things are that come with the program.
    public let installation: Installation
    /// What the models that are there can do.
    public var abilities: Abilities {
        Abilities(
            findsFaces: models.findsFaces, findsFacePoints: models.findsFacePoints,
            findsFacesAgain: models.findsFacesAgain, estimates: FaceEstimateSet(of: models.estimators))
    }
    /// What was given, by key, as text.
    private(set) var given: [String: String] = [:]

    /// Every setting there is.
    public static let all: [Setting<Settings>] = places + others

    /// The variables of the environment that hold secrets.
    public static var secretVariables: [String] {
        all.filter { $0.kind == .secret }.map { SettingsError.environmentName($0.key) }
    }

    /// Those that defaults of others follow from.
    private static let places: [Setting<Settings>] = [
        within(\.daemon, DaemonConfiguration.settings),
        within(\.listener, ListenerConfiguration.settings),
    ].flatMap(\.self)
    private static let others: [Setting<Settings>] = [
        within(\.api, APISettings.settings),
        within(\.console, ConsoleConfiguration.settings),
        within(\.database, DatabaseConfiguration.settings),
        within(\.media, MediaConfiguration.settings),
        within(\.models, ModelLibrary.Configuration.settings),
        within(\.streams, SupervisorConfiguration.settings),
        within(\.tracker.configuration, TrackerConfiguration.settings),
        within(\.callbacks, CallbackConfiguration.settings),
        within(\.logRetention, LogRetentionConfiguration.settings),
        within(\.eventRetention, EventRetentionConfiguration.settings),
        within(\.why, WhyConfiguration.settings),
        within(\.biometricLog, BiometricLogConfiguration.settings),
        within(\.diskReserve, DiskReserveConfiguration.settings),
        within(\.objects, ObjectConfiguration.settings),
        within(\.objectRetention, ObjectRetentionConfiguration.settings),
        within(\.jobs, JobConfiguration.settings),
        within(\.jobDoors, JobDoorConfiguration.settings),
        within(\.discovery, DiscoveryConfiguration.settings),
    ].flatMap(\.self)

    private static func within<Configuration>(
        _ path: any WritableKeyPath<Settings, Configuration> & Sendable, _ settings: [Setting<Configuration>]
    ) -> [Setting<Settings>] {
        settings.map { $0.within(path) }
    }

    /// - Parameters:
    ///   - flags: given on the command line, by key; they come before everything.
    ///   - environment: variables named `SIGHTLINE_…`.
    ///   - file: a settings file, which comes last before the defaults.
    /// - Throws: `SettingsError` for the first value that cannot be used.
    public init(flags: [String: String], environment: [String: String], file: URL?) throws(SettingsError) {
        var reader = try SettingsReader(Self.all, flags: flags, environment: environment, file: file)
        var daemon = DaemonConfiguration()
        var listener = ListenerConfiguration()
        try reader.read(DaemonConfiguration.settings, into: &daemon)
        try reader.read(ListenerConfiguration.settings, into: &listener)
        try self.init(daemon, listener)
        try reader.read(Self.others, into: &self)
        given = reader.given
        tracker.given = Set(TrackerConfiguration.Confidence.allCases.filter { given[$0.rawValue] != nil })
    }

    /// The defaults, as they follow from these.
    private init(_ daemon: DaemonConfiguration, _ listener: ListenerConfiguration) throws(SettingsError) {
        (self.daemon, self.listener) = (daemon, listener)
        installation = try Installation(given: daemon.home.isEmpty ? nil : daemon.home)
        self.daemon.home = installation.home.path
        media.mediaRoots = [daemon.dataFolder.appending(path: "media")]
        media.downloadFolder = daemon.dataFolder.appending(path: "downloads")
        // Who may talk to a daemon that listens on loopback alone is on this machine already, unless a proxy lets others in.
        let isLocal = listener.isLoopback && !listener.isBehindProxy
        media.network.allowsLoopback = isLocal
        callbacks.network.allowsLoopback = isLocal
        database.keyFile = daemon.dataFolder.deletingLastPathComponent()
            .appending(path: daemon.dataFolder.lastPathComponent + ".key")
        models = ModelLibrary.Configuration(
            engineFolder: installation.engine, parallelism: ProcessInfo.processInfo.activeProcessorCount,
            defaultCard: installation.model(.accurate), bundledCard: installation.model,
            faceCard: installation.faceModel, thingCard: installation.thingModel,
            facePointsCard: installation.facePointsModel, facesAgainCard: installation.facesAgainModel,
            descriptorCard: installation.descriptorModel, estimatorCards: installation.estimatorModels)
    }
}
