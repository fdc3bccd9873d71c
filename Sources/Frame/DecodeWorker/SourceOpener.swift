public import Foundation
public import Frames
public import Media
public import Records
public import Scene

/// Opens sources where the configuration wants them decoded: each in a process of its own without rights, or in this one.
///
/// What may be opened is decided here either way: a worker gets a file that is open, or connections that are made to addresses that
/// were checked.
public struct SourceOpener: FrameSourceOpener {
    private let configuration: MediaConfiguration
    private let local: MediaOpener
    private let launcher: WorkerLauncher
    /// What workers do wrong on purpose.
    package var trap: WorkerTrap?
    /// Of all sources that were opened or should have been.
    public var limits: SourceLimitCounts { local.limits }

    /// Decodes single pictures where sources are decoded.
    public var stills: StillDecoder { StillDecoder(launcher, isApart: configuration.isolation == .worker) }

    /// Takes archives apart where sources are decoded.
    public var archives: ArchiveOpener { ArchiveOpener(launcher, isApart: configuration.isolation == .worker) }

    /// Reads the sound of files where sources are decoded.
    public var sounds: SoundOpener { SoundOpener(launcher, configuration) }

    public init(_ configuration: MediaConfiguration) {
        self.init(configuration, launcher: WorkerLauncher())
    }
    package init(_ configuration: MediaConfiguration, launcher: WorkerLauncher) {
        (self.configuration, self.launcher, local) = (configuration, launcher, MediaOpener(configuration))
    }

    /// The same, for files wherever they lie: for whoever names none that a stranger chose.
    public func forAnyFile() -> SourceOpener {
        var configuration = configuration
        configuration.allowsAnyPath = true
        return SourceOpener(configuration, launcher: launcher)
    }
    /// The same, for files below one folder and nothing else.
    public func forFiles(in folder: URL) -> SourceOpener {
        var configuration = configuration
        configuration.mediaRoots = [folder]
        return SourceOpener(configuration, launcher: launcher)
    }

    public func open(
        _ request: SourceSpecification, rates: [Rate], answerWithin patience: Duration?
    ) async throws -> any FrameSource {
        // What this machine's own cameras send is no stranger's, and a worker could not read them.
        guard configuration.isolation == .worker, !configuration.meansDevice(request.reference) else {
            return try await local.open(request, rates: rates, answerWithin: patience)
        }
        var configuration = configuration
        if let patience { configuration.answerDeadline = patience }
        precondition(rates.count <= ConsumerSet.capacity, "more rates than a consumer set holds")
        let source = try WorkerSource(
            request, rates: rates, configuration: configuration, launcher: launcher, limits: limits,
            transports: local.transports, trap: trap)
        try await withTaskCancellationHandler {
            try await source.waitUntilOpen()
        } onCancel: {
            source.cancel()
        }
        return source
    }
}
