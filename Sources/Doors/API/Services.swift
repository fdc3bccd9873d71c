import Analytics
import Foundation
import HTTPEdge
import Identity
import Jobs
import Media
import Records
import Store
import Streams

/// What the routes work with.
struct Services: Sendable {
    let store: Store
    let identity: Identity
    let hub: EventHub
    let traces: TraceMemory
    let views: ViewBoard
    let catalogue: AnalyticCatalogue
    let daemon: DaemonView
    let metrics: Metrics
    let settings: APISettings
    let subscribers: Subscribers
    let stills: StillReader
    let pictures: PictureDesk
    let videos: VideoLook
    let jobs: JobEngine
    let cameras: CameraDesk
    let probes: ProbeDesk

    /// Has an element when something about an account or one of its tokens has changed since the one before.
    func credentialChanges(of account: UUID) -> AsyncStream<Change> {
        store.changes.changes { $0 == .credentials(account: account) }
    }
}
