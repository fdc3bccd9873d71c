import Scene
import Synchronization

/// What one stream shows to those who watch it. A frame is shown when somebody waits for one, and only then; whoever is slow asks late, and
/// gets what is there then, so that nothing piles up and nobody is waited for.
///
/// A picture is made once for all who want it in the same form.
public final class StreamView: Sendable {
    public typealias Instant = ContinuousClock.Instant

    /// Forms in which one frame is shown; others get a later one.
    static let formLimit = 8
    /// A picture that is no older is given at once to who asks for one.
    private static let freshness = Duration.seconds(1)
    /// How long a picture is worth something where frames are rare, and how long a wish for one is remembered.
    private static let memory = Duration.seconds(60)

    fileprivate struct Wish {
        let earliest: Instant
        let rhythm: Rhythm?
    }
    fileprivate struct Watching {
        let form: PictureForm
        let news: AsyncStream<ViewNews>.Continuation
        /// What it waits for; `nil`: nothing at the moment.
        var wish: Wish?
        var knowsOfAbsence = false
    }
    fileprivate struct State: Sendable {
        var watching: [Int: Watching] = [:]
        var lastViewer = 0
        /// Forms that somebody waited for in vain, and until when that is remembered.
        var orders: [PictureForm: Instant] = [:]
        var kept: [PictureForm: ViewedFrame] = [:]
        var opening = 0
        var isOpen = false
    }
    private let state = Mutex(State())
    private let wanted = Atomic(false)
    private let onEnd: @Sendable () -> Void

    init(onEnd: @escaping @Sendable () -> Void) { self.onEnd = onEnd }
    deinit { onEnd() }

    // MARK: Who shows

    /// Whether somebody waits for a frame.
    var isWanted: Bool { wanted.load(ordering: .relaxed) }

    var viewerCount: Int { state.withLock { $0.watching.count } }
    /// Viewers that wait for a frame.
    var waitingCount: Int { state.withLock { $0.watching.values.count { $0.wish != nil } } }

    /// The stream's source is open. Returns how often it has been.
    func open() -> Int {
        change { state in
            state.opening += 1
            state.isOpen = true
            for viewer in state.watching.keys { state.watching[viewer]?.knowsOfAbsence = false }
            return state.opening
        }
    }
    /// The source is gone; what was shown is not shown any more.
    func close() {
        change { state in
            (state.isOpen, state.kept, state.orders) = (false, [:], [:])
            for viewer in state.watching.keys { state.tellOfAbsence(viewer) }
        }
    }

    /// In which forms a frame is wanted that could be shown at `now`; `nil`: nobody wants it.
    /// - Parameter pts: of the frame; `nil`: not known yet.
    func forms(at now: Instant, pts: MediaTime?) -> Set<PictureForm>? {
        state.withLock { state in
            var forms = Set<PictureForm>()
            for watching in state.watching.values where forms.count < Self.formLimit {
                if watching.isDue(at: now, pts: pts) { forms.insert(watching.form) }
            }
            for form in state.orders.keys where forms.count < Self.formLimit { forms.insert(form) }
            return forms.isEmpty ? nil : forms
        }
    }

    /// Shows a frame to those who wanted it.
    /// - Parameter forms: in which its picture is.
    func show(_ frame: ViewedFrame, to forms: Set<PictureForm>) {
        change { state in
            // A source that is gone shows nothing more.
            guard state.isOpen, frame.opening == state.opening else { return }
            for form in forms {
                state.orders[form] = nil
                if frame.picture != nil { state.kept[form] = frame }
            }
            if state.kept.count > Self.formLimit {
                let old = state.kept.min { $0.value.instant < $1.value.instant }
                if let old { state.kept[old.key] = nil }
            }
            for (viewer, watching) in state.watching
            where forms.contains(watching.form) && watching.isDue(at: frame.instant, pts: frame.time.pts) {
                state.watching[viewer]?.wish = nil
                watching.news.yield(.frame(frame))
            }
        }
    }
    /// Lets go of pictures and wishes of long ago.
    func tidy(at now: Instant) {
        change { state in
            state.orders = state.orders.filter { $0.value > now }
            state.kept = state.kept.filter { now - $0.value.instant < Self.memory }
        }
    }

    // MARK: Who watches

    /// Somebody who watches from now on.
    public func viewer(_ form: PictureForm) -> Viewer { Viewer(of: self, form) }

    /// The picture of a frame: of one that was just shown, or of the next; where frames are rare, the one before.
    /// - Parameter patience: for the next frame.
    /// - Returns: `nil` when there is none to show.
    public func preview(_ form: PictureForm, patience: Duration) async -> ViewedFrame? {
        let (isOpen, kept) = state.withLock { ($0.isOpen, $0.kept[form]) }
        guard isOpen else { return nil }
        if let kept, Instant.now - kept.instant <= Self.freshness { return kept }
        let viewer = viewer(form)
        let news = await withTaskGroup(of: ViewNews?.self) { group in
            group.addTask { await viewer.next() }
            group.addTask {
                try? await Task.sleep(for: patience)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        switch news {
        case .frame(let frame): return frame
        case .absent: return nil
        case nil: return latest(form, at: .now)
        }
    }
    /// What is still kept. Who has waited in vain will find the next frame when he comes again.
    private func latest(_ form: PictureForm, at now: Instant) -> ViewedFrame? {
        change { state in
            guard state.isOpen else { return nil }
            if state.orders.count < Self.formLimit { state.orders[form] = now + Self.memory }
            return state.kept[form].flatMap { now - $0.instant < Self.memory ? $0 : nil }
        }
    }

    fileprivate func add(_ form: PictureForm, _ news: AsyncStream<ViewNews>.Continuation) -> Int {
        state.withLock { state in
            state.lastViewer += 1
            state.watching[state.lastViewer] = Watching(form: form, news: news)
            return state.lastViewer
        }
    }
    fileprivate func remove(_ viewer: Int) { change { $0.watching[viewer] = nil } }
    fileprivate func wish(_ viewer: Int, _ wish: Wish) {
        change { state in
            state.watching[viewer]?.wish = wish
            if !state.isOpen, state.watching[viewer]?.knowsOfAbsence == false { state.tellOfAbsence(viewer) }
        }
    }
    fileprivate func doubt(_ viewer: Int) {
        change { if !$0.isOpen { $0.tellOfAbsence(viewer) } }
    }

    @discardableResult
    private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        state.withLock { state in
            let result = body(&state)
            let isWanted = !state.orders.isEmpty || state.watching.values.contains { $0.wish != nil }
            wanted.store(isWanted && state.isOpen, ordering: .relaxed)
            return result
        }
    }
}

extension StreamView.State {
    fileprivate mutating func tellOfAbsence(_ viewer: Int) {
        watching[viewer]?.knowsOfAbsence = true
        watching[viewer]?.news.yield(.absent)
    }
}

extension StreamView.Watching {
    fileprivate func isDue(at now: StreamView.Instant, pts: MediaTime?) -> Bool {
        guard let wish, now >= wish.earliest else { return false }
        guard let rhythm = wish.rhythm, let pts else { return true }
        return rhythm.wants(pts)
    }
}

/// What a viewer is told.
public enum ViewNews: Sendable {
    case frame(ViewedFrame)
    /// The stream's source is not open: it has not been yet, is being opened again, or the stream is over.
    case absent
}

/// So many frames a second, the same ones for all who want as many: each beat is a piece of the stream's own time.
struct Rhythm: Sendable {
    let rate: Int
    /// The beat whose frame was shown last.
    private let last: Int64

    init(_ rate: Int, after frame: MediaTime) {
        self.rate = rate
        last = Self.beat(of: frame, rate)
    }
    func wants(_ pts: MediaTime) -> Bool { Self.beat(of: pts, rate) != last }

    /// Frames that come as often as beats lie in the middle of theirs, so that a little unsteadiness loses none.
    private static func beat(of pts: MediaTime, _ rate: Int) -> Int64 {
        Int64((pts.seconds * Double(rate) + 0.5).rounded(.down))
    }
}

/// One who watches a stream; no longer when nobody holds it.
public final class Viewer: Sendable {
    private let view: StreamView
    private let number: Int
    private let news: AsyncStream<ViewNews>

    fileprivate init(of view: StreamView, _ form: PictureForm) {
        self.view = view
        let (news, continuation) = AsyncStream<ViewNews>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.news = news
        number = view.add(form, continuation)
    }
    deinit { view.remove(number) }

    /// Waits for a frame, the next that there is. One call at a time.
    /// - Parameters:
    ///   - rate: about how many a second are wanted.
    ///   - last: that was shown before; `nil`: none was.
    /// - Returns: `nil` when the task is cancelled.
    public func next(atMost rate: Int? = nil, after last: ViewedFrame? = nil) async -> ViewNews? {
        var wish = StreamView.Wish(earliest: .now, rhythm: nil)
        if let rate, let last {
            // A file may be read faster than it plays.
            wish = StreamView.Wish(
                earliest: last.instant + .seconds(0.8 / Double(rate)), rhythm: Rhythm(rate, after: last.time.pts))
        }
        view.wish(number, wish)
        var iterator = news.makeAsyncIterator()
        return await iterator.next()
    }
    /// Says that the stream may have another status than it had: while its source is not open, `next` returns `absent` once more.
    public func doubt() { view.doubt(number) }
}
