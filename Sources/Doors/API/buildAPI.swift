public import Analytics
public import Discovery
public import HTTPEdge
public import Identity
public import Jobs
public import Media
public import Probing
public import Store
public import Streams

/// The /6 API as a door: which resources it has, and what they work with.
///
/// Some of its paths begin with no common prefix (`/version`, `/metrics`, `/healthcheck`), so it is the door of all paths
/// that are behind no other one.
/// - Parameters:
///   - jobs: works on what is sent as a whole.
///   - traces: what is remembered of the frames of streams.
///   - views: where frames of streams are shown.
///   - daemon: what is told of the daemon around the API.
///   - metrics: what `/metrics` shows.
///   - decodeStill: decodes one picture that somebody sends; may block.
///   - pictures: what operations on pictures work with.
///   - videos: looks at videos whose clients wait.
///   - cameras: finds cameras; `nil`: nobody may look for them.
///   - prober: tries sources.
public func buildAPI(
    store: Store, identity: Identity, hub: EventHub, traces: TraceMemory = TraceMemory(),
    views: ViewBoard = ViewBoard(), jobs: JobEngine,
    catalogue: AnalyticCatalogue, daemon: DaemonView,
    metrics: Metrics, settings: APISettings = APISettings(),
    decodeStill: @escaping @Sendable (_ bytes: [UInt8], _ maximumPixels: Int) throws -> StillImage,
    pictures: PictureTools, videos: VideoLook, cameras: CameraFinder? = nil, prober: SourceProber
) -> Door {
    let services = Services(
        store: store, identity: identity, hub: hub, traces: traces, views: views, catalogue: catalogue,
        daemon: daemon, metrics: metrics,
        settings: settings, subscribers: Subscribers(settings, metrics: metrics.requests.limits),
        stills: StillReader(maximumPixels: settings.maximumPixels, decode: decodeStill),
        pictures: PictureDesk(pictures, settings: settings), videos: videos, jobs: jobs,
        cameras: CameraDesk(cameras), probes: ProbeDesk(prober))
    let table = ResourceTable(Authenticator(identity: identity))
    StreamRoutes(services: services).add(to: table)
    ProbeRoutes(services: services).add(to: table)
    StreamLogRoutes(services: services).add(to: table)
    GroupRoutes(services: services).add(to: table)
    LinkerRoutes(services: services).add(to: table)
    StreamFeed(services: services).add(to: table)
    StreamEventSource(services: services).add(to: table)
    PreviewRoutes(services: services).add(to: table)
    ViewFeed(services: services).add(to: table)
    DeliveryRoutes(services: services).add(to: table)
    AnalyticRoutes(services: services).add(to: table)
    EventRoutes(services: services).add(to: table)
    GeneralEventRoutes(services: services).add(to: table)
    NoticeFeeds(services: services).add(to: table)
    StatisticRoutes(services: services).add(to: table)
    ExportRoutes(services: services).add(to: table)
    CountRoutes(services: services).add(to: table)
    WhyRoutes(services: services).add(to: table)
    HandlerRoutes(services: services).add(to: table)
    HandlerEventRoutes(services: services).add(to: table)
    RawEventRoutes(services: services).add(to: table)
    LambdaRoutes().add(to: table)
    HealthRoutes(services: services).add(to: table)
    MetricsRoutes(services: services).add(to: table)
    ServiceRoutes(services: services).add(to: table)
    SystemRoutes(services: services).add(to: table)
    AccountRoutes(services: services).add(to: table)
    TokenRoutes(services: services).add(to: table)
    CredentialRoutes(services: services).add(to: table)
    SessionRoutes(services: services).add(to: table)
    ObjectRoutes(services: services).add(to: table)
    ImageRoutes(services: services).add(to: table)
    ExtractorRoutes(services: services).add(to: table)
    AttributeRoutes(services: services).add(to: table)
    FaceRoutes(services: services).add(to: table)
    FeatureRoutes(services: services).add(to: table)
    BiometricLogRoutes(services: services).add(to: table)
    FaceListRoutes(services: services).add(to: table)
    MatcherRoutes(services: services).add(to: table)
    RawMatcherRoutes(services: services).add(to: table)
    VerifierRoutes(services: services).add(to: table)
    VerificationRoutes(services: services).add(to: table)
    SDKRoutes(services: services).add(to: table)
    DetectorRoutes(services: services).add(to: table)
    ISORoutes(services: services).add(to: table)
    LivenessRoutes(services: services).add(to: table)
    VideoSDKRoutes(services: services).add(to: table)
    JobRoutes(services: services).add(to: table)
    JobFeed(services: services).add(to: table)
    CameraRoutes(services: services).add(to: table)
    return Door(table: table, answer: { APIError($0).answer }, explain: { APIError($0)?.answer })
}
