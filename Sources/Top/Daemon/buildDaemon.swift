import API
import HTTPEdge
import JobDoors
public import Logging
import ServiceLifecycle
public import Setup
import Store
import Streams
import UnixSignals

/// The parts list: everything the daemon consists of, shelf by shelf, and what each shelf is given.
///
/// Loads the model and opens the database, so it may take some seconds.
/// - Parameters:
///   - log: what `logger` remembers, for those who may read it over the API.
///   - onRunning: told the port once requests are accepted.
/// - Throws: an error whose description is one sentence for the operator.
public func buildDaemon(
    _ settings: Settings, log: LogMemory = LogMemory(), logger: Logger,
    onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
) async throws -> SightlineDaemon {
    let settings = try fitDescriptors(settings, logger: logger)
    try settings.listener.checkAddress()
    if settings.jobDoors.opensTagging {
        try settings.taggingListener.checkAddress(keys: ("jobs.tagging_address", "jobs.tagging_address"))
    }
    let identity = try ServerIdentity(settings.listener)
    let keep = try buildKeep(settings, logger: logger)
    try await keep.store.checkSpool(in: settings.daemon.dataFolder)
    try await keep.store.claimObjects()
    try await keep.store.dropAttendedJobs()
    if settings.api.recognition == .on { try await loadDescriptors(of: keep.store, logger: logger) }
    let frame = try await buildFrame(settings, logger: logger)
    let initialAccount = try await InitialAccount.create(keep, folder: settings.daemon.dataFolder)
    let work = buildWork(settings, keep, frame, logger: logger)
    let manager = ServiceManager()
    let doors = try buildDoors(settings, keep, frame, work, identity: identity, log: log, logger: logger) { port in
        manager.greet(port: port)
        await onRunning(port)
    }
    var services: [any Service] = [
        work.housekeeper, work.courier, work.people, work.handlers, work.streams, work.jobs,
    ]
    if let collector = work.collector { services.append(collector) }
    return SightlineDaemon(
        initialAccount: initialAccount,
        services: services + doors + [manager],
        // SIGHUP means another thing where there is a certificate to be read anew.
        endSignals: [.sigterm, .sigint] + (identity == nil ? [.sighup] : []), store: keep.store,
        manager: manager, logger: logger)
}

/// Reads what faces look like into memory, so that nobody who looks for somebody waits for it.
private func loadDescriptors(of store: Store, logger: Logger) async throws {
    let clock = ContinuousClock(), begin = clock.now
    try await store.loadDescriptors()
    let (faces, events, _) = store.descriptorsInMemory
    guard faces + events > 0 else { return }
    logger.notice(
        "Faces can be matched",
        metadata: [
            "faces": "\(faces)", "events": "\(events)", "seconds": "\((clock.now - begin) / .seconds(1))",
        ])
}

/// What of `settings` the descriptors of this process suffice for.
private func fitDescriptors(_ settings: Settings, logger: Logger) throws -> Settings {
    var fitting = settings
    let budget = try fitting.fitDescriptors()
    logger.notice(
        "Open files",
        metadata: [
            "limit": "\(budget.limit)", "streams": "\(budget.streams)", "connections": "\(budget.connections)",
        ])
    if budget.streams < settings.streams.maximumStreams {
        logger.warning(
            "The limit of open files allows fewer streams than streams.maximum",
            metadata: ["streams": "\(budget.streams)", "wanted": "\(settings.streams.maximumStreams)"])
    }
    return fitting
}
