import Frames
import Scene
import Synchronization

/// What one stream shows to those who watch it. A frame is shown when somebody waits for one, and only then; whoever is slow asks late, and
/// gets what is there then, so that nothing piles up and nobody is waited for.
///
/// A picture is made once for all who want it in the same form. Of a source whose coded video may be passed on, those who asked for it are
/// handed that in place of pictures, one sequence for all of them, and the source is asked for it while there are any.
public final class StreamView: Sendable {
    public typealias Instant = ContinuousClock.Instant

    /// Forms in which one frame is shown; others get a later one.
    static let formLimit = 8
    /// A picture that is no older is given at once to who asks for one.
    private static let freshness = Duration.seconds(1)
    /// How long a picture is worth something where frames are rare, and how long a wish for one is remembered.
    private static let memory = Duration.seconds(60)

    struct Wish {
        let earliest: Instant
        let rhythm: Rhythm?
    }
    fileprivate struct Watching {
        let form: PictureForm
        /// Rung when there is something to take.
        let bell: AsyncStream<Void>.Continuation
        /// What it waits for; `nil`: nothing at the moment.
        var wish: Wish?
        /// A frame that was shown, or absence, until it is taken.
        var news: ViewNews?
        var knowsOfAbsence = false
        /// `nil`: of one who did not ask for video.
        var video: VideoQueue?
    }
    fileprivate struct State: Sendable {
        var watching: [Int: Watching] = [:]
        var lastViewer = 0
        /// Whose coded video may be passed on.
        var source: (any FrameSource)?
        /// Whether it was asked for that.
        var isPassing = false
        /// Of the stream: which is shown, and which is the first whose video may be passed on.
        var version = 0, leastVersion = 0
        var video = VideoSequence()
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
    /// - Parameters:
    ///   - source: whose coded video may be passed on as it is.
    ///   - version: of the stream.
    func open(passing source: (any FrameSource)?, version: Int) -> Int {
        change { state in
            state.opening += 1
            (state.isOpen, state.version) = (true, version)
            state.source = version >= state.leastVersion ? source : nil
            for viewer in state.watching.keys { state.watching[viewer]?.knowsOfAbsence = false }
            return state.opening
        }
    }
    /// The source is gone; what was shown is not shown any more.
    func close() {
        change { state in
            (state.isOpen, state.kept, state.orders) = (false, [:], [:])
            state.endVideo()
            for viewer in state.watching.keys { state.tellOfAbsence(viewer) }
        }
    }
    /// Nothing of versions before this one is passed on any more; what waits for viewers is taken back.
    func withholdVideo(before version: Int) {
        change { state in
            state.leastVersion = max(state.leastVersion, version)
            if state.version < version { state.endVideo() }
        }
    }

    /// Takes a piece of the video that was asked for.
    private func take(_ piece: VideoPiece, of opening: Int) {
        state.withLock { state in
            guard state.isPassing, opening == state.opening else { return }
            state.video.take(piece)
            for viewer in state.watching.keys where state.watching[viewer]?.video != nil {
                state.watching[viewer]?.video?.add(piece)
                // Whose picture is not to come behind the head.
                if case .head = piece, case .frame = state.watching[viewer]?.news { state.watching[viewer]?.news = nil }
                state.watching[viewer]?.bell.yield()
            }
        }
    }

    /// In which forms a frame is wanted that could be shown at `now`; `nil`: nobody wants it. The form `nil` is none: a frame without picture.
    /// - Parameter pts: of the frame; `nil`: not known yet.
    func forms(at now: Instant, pts: MediaTime?) -> Set<PictureForm?>? {
        state.withLock { state in
            var forms = Set<PictureForm?>()
            for watching in state.watching.values where forms.count < Self.formLimit {
                if watching.isDue(at: now, pts: pts) { forms.insert(state.form(of: watching)) }
            }
            for form in state.orders.keys where forms.count < Self.formLimit { forms.insert(form) }
            return forms.isEmpty ? nil : forms
        }
    }

    /// Shows a frame to those who wanted it.
    /// - Parameter forms: in which its picture is.
    func show(_ frame: ViewedFrame, to forms: Set<PictureForm?>) {
        change { state in
            // A source that is gone shows nothing more.
            guard state.isOpen, frame.opening == state.opening else { return }
            for case let form? in forms {
                state.orders[form] = nil
                if frame.picture != nil { state.kept[form] = frame }
            }
            if state.kept.count > Self.formLimit {
                let old = state.kept.min { $0.value.instant < $1.value.instant }
                if let old { state.kept[old.key] = nil }
            }
            for (viewer, watching) in state.watching
            where forms.contains(state.form(of: watching)) && watching.isDue(at: frame.instant, pts: frame.time.pts) {
                state.watching[viewer]?.wish = nil
                state.tell(.frame(frame), to: viewer)
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
    /// - Parameter wantsVideo: coded, where it may be had, and pictures where not.
    public func viewer(_ form: PictureForm, wantsVideo: Bool = false) -> Viewer {
        Viewer(of: self, form, wantsVideo: wantsVideo)
    }

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
        case .absent, .video: return nil
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

    // MARK: Viewers

    func add(_ form: PictureForm, wantsVideo: Bool, _ bell: AsyncStream<Void>.Continuation) -> Int {
        change { state in
            state.lastViewer += 1
            state.watching[state.lastViewer] = Watching(
                form: form, bell: bell, video: wantsVideo ? VideoQueue(state.video) : nil)
            return state.lastViewer
        }
    }
    func remove(_ viewer: Int) { change { $0.watching[viewer] = nil } }
    /// What there is for a viewer; `nil`: nothing yet, and then its wish is remembered.
    func news(for viewer: Int, _ wish: Wish) -> ViewNews? {
        change { state in
            guard var watching = state.watching[viewer] else { return nil }
            defer { state.watching[viewer] = watching }
            // Frames are told in terms of the head, and not kept waiting by what comes behind it.
            if let head = watching.video?.takeHead() { return .video(.head(head)) }
            if let news = watching.news {
                watching.news = nil
                return news
            }
            if watching.wish == nil { watching.wish = wish }
            if let fragment = watching.video?.takeFragment() { return .video(.fragment(fragment)) }
            if !state.isOpen, !watching.knowsOfAbsence {
                watching.knowsOfAbsence = true
                return .absent
            }
            return nil
        }
    }
    func doubt(_ viewer: Int) {
        change { if !$0.isOpen { $0.tellOfAbsence(viewer) } }
    }

    @discardableResult
    private func change<Result: Sendable>(_ body: (inout State) -> Result) -> Result {
        state.withLock { state in
            let result = body(&state)
            askForVideo(&state)
            let isWanted = !state.orders.isEmpty || state.watching.values.contains { $0.wish != nil }
            wanted.store(isWanted && state.isOpen, ordering: .relaxed)
            return result
        }
    }
    /// Has the source pass its video on while somebody wants it.
    private func askForVideo(_ state: inout State) {
        guard let source = state.source else { return }
        let isWanted = state.watching.values.contains { $0.video != nil }
        guard isWanted != state.isPassing else { return }
        (state.isPassing, state.video) = (isWanted, VideoSequence())
        let opening = state.opening
        let watcher: @Sendable (VideoPiece) -> Void = { [weak self] in self?.take($0, of: opening) }
        source.passVideo(to: isWanted ? watcher : nil)
    }
}

extension StreamView.State {
    fileprivate mutating func tell(_ news: ViewNews, to viewer: Int) {
        watching[viewer]?.news = news
        watching[viewer]?.bell.yield()
    }
    fileprivate mutating func tellOfAbsence(_ viewer: Int) {
        watching[viewer]?.knowsOfAbsence = true
        tell(.absent, to: viewer)
    }
    /// In which it wants frames.
    fileprivate func form(of watching: StreamView.Watching) -> PictureForm? {
        watching.video != nil && video.head != nil ? nil : watching.form
    }
    fileprivate mutating func endVideo() {
        if isPassing { source?.passVideo(to: nil) }
        (source, isPassing, video) = (nil, false, VideoSequence())
        for viewer in watching.keys where watching[viewer]?.video != nil { watching[viewer]?.video = VideoQueue(video) }
    }
}

extension StreamView.Watching {
    fileprivate func isDue(at now: StreamView.Instant, pts: MediaTime?) -> Bool {
        guard let wish, now >= wish.earliest else { return false }
        guard let rhythm = wish.rhythm, let pts else { return true }
        return rhythm.wants(pts)
    }
}
