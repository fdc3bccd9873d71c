import Frames
import Pipeline
import Records
import Scene
import Synchronization

/// Shows a stream's frames to those who watch it. While nobody does it asks one flag of each frame, and that is all.
///
/// Pictures are made beside the stream, which goes on meanwhile; frames that come before one is made are not shown, so no more than one is
/// held.
final class ViewTap: FrameTap {
    private struct Job: Sendable {
        let frame: Frame
        let shown: ViewedFrame
        let forms: Set<PictureForm>
    }
    private struct State {
        var regions: [PlannedRegion] = []
        var showsNothing = false
        var opening = 0
    }
    private let view: StreamView
    private let state = Mutex(State())
    private let isBusy = Atomic(false)
    /// Whether pictures have to be announced before they are taken, and whether the next one was.
    private let isAnnounced: Bool
    /// Whether coded video may be passed on as it is: it shows everything, and a film is read faster than it plays.
    private let passesVideo: Bool
    private let version: Int
    private let announced = Atomic(false)
    private let jobs: AsyncStream<Job>
    private let queue: AsyncStream<Job>.Continuation

    init(of stream: StreamDefinition, on board: ViewBoard) {
        view = board.view(of: stream.id)
        isAnnounced = stream.privacy?.mode == .faces
        version = stream.version
        passesVideo = stream.privacy == nil && stream.source.kind == .stream
        (jobs, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// The stream is about to be looked at, as planned.
    func begin(_ plan: Plan) {
        let (regions, showsNothing) = (plan.plannedRegions, plan.showsNothing)
        state.withLock { ($0.regions, $0.showsNothing) = (regions, showsNothing) }
    }
    /// The source is open.
    func open(_ source: (any FrameSource)? = nil) {
        let opening = view.open(passing: passesVideo ? source : nil, version: version)
        state.withLock { $0.opening = opening }
    }
    /// The source is gone.
    func pause() { view.close() }
    func tidy() { view.tidy(at: .now) }

    /// Asked before the frame: it is remembered, so that no picture is taken of one that was not looked at once more.
    var keepsPicture: Bool {
        let isWanted = view.isWanted && !isBusy.load(ordering: .acquiring) && view.forms(at: .now, pts: nil) != nil
        announced.store(isWanted, ordering: .relaxed)
        return isWanted
    }
    func take(_ frame: Frame, _ results: [AnalyticResult]) {
        guard view.isWanted, !isBusy.load(ordering: .acquiring) else { return }
        if isAnnounced, !announced.exchange(false, ordering: .relaxed) { return }
        let now = ContinuousClock.now
        guard let forms = view.forms(at: now, pts: frame.time.pts) else { return }
        let state = state.withLock { $0 }
        let shown = ViewedFrame(
            time: frame.time, size: frame.size, people: results.shownPeople, regions: state.regions,
            opening: state.opening, isWithheld: state.showsNothing, instant: now)
        if state.showsNothing { return view.show(shown, to: forms) }
        if forms.contains(nil) { view.show(shown, to: [nil]) }
        let pictures = Set(forms.compactMap(\.self))
        guard !pictures.isEmpty else { return }
        isBusy.store(true, ordering: .releasing)
        queue.yield(Job(frame: frame, shown: shown, forms: pictures))
    }

    /// Makes the pictures, until the task is cancelled. To be called once.
    func show() async {
        for await job in jobs {
            for form in job.forms {
                var shown = job.shown
                // What cannot be converted is not seen; who is there is.
                shown.picture = try? job.frame.picture.snapshot(form.policy(for: shown.size)).bytes
                view.show(shown, to: [form])
            }
            isBusy.store(false, ordering: .releasing)
        }
    }
}
