import API
import DecodeWorker
import Frames
import HTTPEdge
import Housekeeping
import Identity
import Inference
import JobDoors
import Jobs
import Logging
import Media
import Models
import Notifications
import Pipeline
import Recognition
import Records
import Scene
import Setup
import Store
import Streams

/// What runs by itself.
struct WorkShelf: Sendable {
    let hub: EventHub
    let traces: TraceMemory
    let views: ViewBoard
    let supervisor: StreamSupervisor
    let streams: SupervisorService
    let courier: Courier
    let people: PeopleBoard
    /// Looks at single pictures for those who ask, and for handlers.
    let looker: PictureLooker
    let handlers: HandlerQueue
    let jobs: JobEngine
    /// Of blobs that are put into a bucket.
    let collector: BlobCollector?
    let tagger: Tagger
    let housekeeper: Housekeeper
}

func buildWork(_ settings: Settings, _ keep: KeepShelf, _ frame: FrameShelf, logger: Logger) -> WorkShelf {
    let store = keep.store
    let mqtt = MQTTPostman(settings.callbacks)
    let people = PeopleBoard(store: store, postman: mqtt, logger: logger)
    let stills = StillOpener(frame.stills.open), models = frame.models
    let looker = PictureLooker(
        models: models, findsFaces: settings.models.findsFaces, findsFacePoints: settings.models.findsFacePoints,
        classifiers: settings.models.namesThings ? models : nil,
        describers: settings.models.describesFaces ? models : nil, estimators: models)
    let handlers = buildHandlers(settings, store, looker, stills, logger: logger)
    let hub = EventHub(log: store, states: people, people: handlers)
    let traces = TraceMemory(settings.why), views = ViewBoard()
    let supervisor = StreamSupervisor(
        ledger: store, changes: store.changes, workshop: frame.workshop, hub: hub, traces: traces, views: views,
        configuration: settings.streams, logger: logger)
    let sweeps: [Sweep?] = [
        .logs(of: store, settings.logRetention), .deadLetters(of: store, days: settings.callbacks.deadLetterDays),
        .events(of: store, settings.eventRetention), Sweep.traces(of: store, days: settings.why.days),
        .objects(of: store, settings.objectRetention), .jobs(of: store),
        .sessions(of: store), .orphans(of: store), .oldPictures(of: store), .damage(of: store),
        .attributes(of: store), .listedFaces(of: store), .erasures(of: store),
        .biometricLog(of: store, settings.biometricLog),
    ]
    let links = ImageLinks(base: settings.listener.publicURL?.text ?? "") { [identity = keep.identity] path, account in
        try await identity.linkSigner.signature(of: account, to: path)
    }
    let jobLooker = PictureLooker(
        models: models, findsFaces: settings.models.findsFaces,
        classifiers: settings.models.namesThings ? models : nil)
    return WorkShelf(
        hub: hub, traces: traces, views: views, supervisor: supervisor,
        streams: SupervisorService(supervisor: supervisor),
        courier: Courier(
            store: store, postman: Postmen(http: HTTPPostman(settings.callbacks), mqtt: mqtt, links: links),
            configuration: settings.callbacks, logger: logger),
        people: people, looker: looker, handlers: handlers,
        jobs: buildJobs(settings, keep, frame, jobLooker, stills, logger: logger),
        collector: settings.jobDoors.opensBlobs
            ? settings.jobDoors.blobsBucket.flatMap {
                BlobCollector(store: store, bucket: $0, downloader: Downloader(settings.media), logger: logger)
            } : nil,
        tagger: Tagger(looker: jobLooker, stills: stills, videos: frame.receivedFiles, folder: frame.received),
        housekeeper: Housekeeper(sweeps: sweeps.compactMap(\.self), logger: logger))
}

/// Gives handlers whom streams have seen.
private func buildHandlers(
    _ settings: Settings, _ store: Store, _ looker: PictureLooker, _ stills: StillOpener, logger: Logger
) -> HandlerQueue {
    let wishes = StillWishes(maximumPixels: settings.media.maximumPixels, isTurned: false)
    let runner = HandlerRunner(store: store, looker: looker, recognizes: settings.api.recognition == .on) { bytes in
        try await stills.picture(of: bytes, wishes)
    }
    return HandlerQueue(logger: logger) { try await runner.makeEvent(of: $0) }
}

private func buildJobs(
    _ settings: Settings, _ keep: KeepShelf, _ frame: FrameShelf, _ looker: PictureLooker, _ stills: StillOpener,
    logger: Logger
) -> JobEngine {
    let batches = BatchRunner(
        store: keep.store, looker: looker, stills: stills, downloader: Downloader(settings.media),
        mediaRoots: settings.media.mediaRoots, detector: frame.model.model.identity?.name ?? "own",
        places: settings.jobs.places)
    let blobs = BlobRunner(
        store: keep.store, looker: looker, stills: stills, callbackBody: settings.jobDoors.blobsCallbackBody)
    let tracker = settings.tracker, opener = frame.objectFiles
    let workplace = CoverRunner.Workplace(
        folder: settings.media.downloadFolder,
        open: { path in
            try await opener.open(SourceSpecification(kind: .file, reference: path), rates: [.frames(1)])
        }, openArchive: { try opener.archives.open($0, $1) }, openSound: { try opener.sounds.open($0) },
        tracker: { tracker.configuration(for: $0) })
    let covers = CoverRunner(
        store: keep.store, looker: looker, stills: stills, workplace: workplace, places: settings.jobs.places
    ) { [links = ResultLinks(identity: keep.identity, base: settings.listener.address)] output, job, expiry in
        try await links.link(to: output, of: job, until: expiry)
    }
    let runners: [(any JobRunner)?] = [
        settings.jobDoors.opensCameraTrap ? batches : nil, settings.jobDoors.opensBlobs ? blobs : nil,
        covers,  // also handed in through the daemon's own API
    ]
    return JobEngine(
        store: keep.store, runners: runners.compactMap(\.self), configuration: settings.jobs, logger: logger)
}

extension Downloader {
    /// By the rules for sources.
    fileprivate init(_ media: MediaConfiguration) {
        self.init(
            network: media.network, networksKey: "media.allowed_networks",
            verifiesCertificates: media.verifiesCertificates)
    }
}
