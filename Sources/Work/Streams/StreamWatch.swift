import Foundation
import Frames
import Pipeline

/// What is noticed of one running stream from beside its pipeline, and what of it is trouble.
struct StreamWatch {
    private let isLive: Bool
    private var stall: StallWatch
    private var picture = PictureWatch()
    private var drops = ShareWatch(share: 0.1, least: 10)
    private var failures = ShareWatch(share: 0.5, least: 3)
    private var silentSince: Date?
    private var loss: (since: Date, attempt: Int, error: String)?

    init(isLive: Bool, stall: StallWatch) { (self.isLive, self.stall) = (isLive, stall) }

    /// Looks at the stream, some times a second.
    /// - Parameters:
    ///   - source: of the source that is open, if one is.
    ///   - total: of the stream.
    /// - Returns: how long a live source may be silent; `nil` while too little is known.
    mutating func look(
        _ source: SourceStatistics?, total: StreamStatistics, at now: ContinuousClock.Instant = .now,
        _ date: Date = .now
    ) -> Duration? {
        drops.look(right: total.framesAnalysed, wrong: total.framesDropped, at: now, date)
        failures.look(right: total.framesAnalysed, wrong: total.framesFailed, at: now, date)
        guard isLive, let source else { return nil }
        if source.framesDecoded > 0 { loss = nil }
        stall.look(packets: source.packetsRead, at: now)
        silentSince = nil
        if let silence = source.silence, let patience = source.patience, silence > patience / 2 {
            silentSince = date.addingTimeInterval(-(silence / .seconds(1)))
        }
        return stall.patience
    }
    mutating func see(_ luma: LumaGrid, at date: Date = .now) { picture.see(luma, at: date) }

    /// A live source that had delivered frames was lost, or could not be opened again.
    /// - Parameter silence: for how long it had sent nothing, where that is why.
    mutating func lose(_ error: String, after silence: Duration?, at date: Date = .now) {
        if let silence { stall.stall(after: silence) }
        loss = (loss?.since ?? date, (loss?.attempt ?? 0) + 1, error)
        silentSince = nil
    }
    /// A source is open, perhaps not for the first time.
    mutating func open() {
        stall.reopen()
        picture = PictureWatch()
    }

    var health: StreamHealth {
        var health = StreamHealth()
        if let loss {
            health.troubles = [
                .init(.reconnecting, since: loss.since, attempt: loss.attempt, lastError: loss.error)
            ]
        } else if let silentSince {
            health.troubles = [.init(.sourceStalled, since: silentSince)]
        } else if let trouble = picture.trouble {
            health.troubles = [trouble]
        }
        if let since = drops.since { health.troubles.append(.init(.analysisTooSlow, since: since)) }
        if let since = failures.since { health.troubles.append(.init(.analysisFailing, since: since)) }
        return health
    }
}
