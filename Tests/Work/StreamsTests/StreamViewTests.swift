import Foundation
import Frames
import JSON
import Pipeline
import Records
import Scene
import Synchronization
import Testing

@testable import Streams

/// What a stream shows to those who watch it, and what that costs where nobody does.
struct StreamViewTests {
    /// A picture that remembers in which forms it was wanted.
    private final class Film: Picture {
        let size = PixelSize(width: 1920, height: 1080)
        private let made = Mutex<[SnapshotPolicy]>([])
        func draw(_ region: PixelRect, to target: PixelTarget) {}
        func snapshot(
            _ policy: SnapshotPolicy, of region: PixelRect?, retouched: ((PixelTarget) -> Void)?
        ) -> Snapshot {
            made.withLock { $0.append(policy) }
            return Snapshot(mediaType: .jpeg, bytes: [0xff, 0xd8])
        }
        func snapshot(_ policy: SnapshotPolicy, aligned warp: FaceWarp, of shown: any Picture) -> Snapshot {
            snapshot(policy, of: nil, retouched: nil)
        }
        var count: Int { made.withLock { $0.count } }
        var sizes: Set<Int> { made.withLock { Set($0.map(\.maximumSize)) } }
    }

    /// A stream whose frames come when a test says so, 25 a second by its own clock.
    private final class Stage: Sendable {
        let board = ViewBoard(), film = Film(), tap: ViewTap, view: StreamView
        private let index = Atomic(0)
        private let making = Mutex<Task<Void, Never>?>(nil)

        init(_ privacy: Privacy? = nil) {
            let stream = StreamDefinition(
                id: UUID(), accountID: UUID(), version: 1,
                source: SourceSpecification(kind: .stream, reference: "camera"), analytics: [],
                location: .emptyObject, privacy: privacy)
            tap = ViewTap(of: stream, on: board)
            view = board.view(of: stream.id)
            tap.begin(Plan(privacy: privacy))
        }
        deinit { making.withLock { $0?.cancel() } }

        /// From now on pictures are made.
        func makePictures() {
            making.withLock { making in
                if making == nil { making = Task { [tap] in await tap.show() } }
            }
        }
        /// - Parameter isAnnounced: whether it is asked before whether a picture will be kept.
        func showFrame(isAnnounced: Bool = true) {
            let number = index.add(1, ordering: .relaxed).oldValue
            let time = FrameTime(index: number, pts: MediaTime(seconds: Double(number) / 25), wallClock: .now)
            if isAnnounced { _ = tap.keepsPicture }
            tap.take(Frame(time: time, consumers: ConsumerSet(index: 0), picture: film), [])
        }
        /// Shows frames for as long as `body` takes.
        func whileShowing<Result: Sendable>(_ body: @escaping @Sendable () async -> Result) async -> Result {
            makePictures()
            return await withTaskGroup(of: Result?.self) { group in
                group.addTask {
                    while !Task.isCancelled {
                        self.showFrame()
                        await Task.yield()
                    }
                    return nil
                }
                group.addTask { await body() }
                defer { group.cancelAll() }
                while let next = await group.next() { if let next { return next } }
                fatalError("a body returns")
            }
        }
    }
    private static func frame(_ news: ViewNews?) -> ViewedFrame? {
        if case .frame(let frame) = news { frame } else { nil }
    }

    @Test func whileNobodyWatchesNothingIsMadeOfAFrame() async throws {
        let stage = Stage()
        stage.tap.open()
        for _ in 0..<50 { stage.showFrame() }
        #expect(stage.film.count == 0 && !stage.tap.keepsPicture)
        let shown = await stage.whileShowing { await stage.view.preview(PictureForm(), patience: .seconds(60)) }
        #expect(shown?.picture == [0xff, 0xd8] && shown?.size == PixelSize(width: 1920, height: 1080))
        #expect(stage.film.count == 1)
    }

    @Test func aFrameThatWasJustShownIsGivenAtOnce() async throws {
        let stage = Stage(), form = PictureForm(width: 320)
        stage.tap.open()
        let first = await stage.whileShowing { await stage.view.preview(form, patience: .seconds(60)) }
        // Nobody shows anything now.
        let second = await stage.view.preview(form, patience: .zero)
        #expect(first != nil && second?.time == first?.time)
        let other = PictureForm(width: 640)
        #expect(await stage.view.preview(other, patience: .milliseconds(1)) == nil)
        // Where frames are rare, who has waited in vain finds the next one when he comes again.
        stage.makePictures()
        stage.showFrame()
        while stage.film.count < 2 { await Task.yield() }
        stage.showFrame()
        var later: ViewedFrame?
        while later == nil { later = await stage.view.preview(other, patience: .milliseconds(1)) }
        #expect(stage.film.sizes == [320, 640] && stage.film.count == 2)
    }

    @Test func whoWaitsForTheSameFrameSharesItsPicture() async throws {
        let stage = Stage()
        stage.tap.open()
        let viewers = (0..<10).map { stage.view.viewer(PictureForm(width: $0 < 8 ? 1280 : 64)) }
        let shown: [ViewedFrame?] = await withTaskGroup(of: ViewedFrame?.self) { group in
            for viewer in viewers { group.addTask { Self.frame(await viewer.next()) } }
            while stage.view.waitingCount < viewers.count { await Task.yield() }
            stage.showFrame()
            // Those that come while the pictures are made are not shown.
            for _ in 0..<10 { stage.showFrame() }
            stage.makePictures()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(shown.map(\.?.time.index) == Array(repeating: 0, count: 10))
        #expect(stage.film.count == 2 && stage.film.sizes == [1280, 64])
    }

    @Test func aViewerThatAsksForNoMoreCostsNothing() async throws {
        let stage = Stage()
        stage.tap.open()
        let viewer = stage.view.viewer(PictureForm())
        let shown = await stage.whileShowing { await viewer.next() }
        #expect(Self.frame(shown) != nil)
        for _ in 0..<100 { stage.showFrame() }
        #expect(stage.film.count == 1)
    }

    @Test func framesAreShownAboutAsOftenAsWanted() async throws {
        let stage = Stage()
        stage.tap.open()
        let viewer = stage.view.viewer(PictureForm())
        let begin = ContinuousClock.now
        let times = await stage.whileShowing {
            var last: ViewedFrame?, times: [Double] = []
            while times.count < 5, let frame = Self.frame(await viewer.next(atMost: 20, after: last)) {
                last = frame
                times.append(frame.time.pts.seconds)
            }
            return times
        }
        // By the stream's clock, which runs fast here, and by the wall's.
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 0.04 - 1e-9 })
        #expect(times.count == 5 && ContinuousClock.now - begin >= .milliseconds(4 * 40))
    }

    @Test(arguments: [(25, 25, 25), (25, 5, 5), (12, 5, 5), (30, 25, 25), (10, 25, 10)])
    func aRhythmTakesSoManyFramesOfASecond(frames: Int, rate: Int, taken: Int) {
        var last: Rhythm?, count = 0
        for index in 0..<frames * 4 {
            // Live frames come a little early or late.
            let pts = MediaTime(seconds: (Double(index) + (index % 3 == 1 ? 0.2 : 0)) / Double(frames))
            guard last?.wants(pts) ?? true else { continue }
            (last, count) = (Rhythm(rate, after: pts), count + 1)
        }
        #expect(abs(count - taken * 4) <= 1)
    }

    @Test func whereFacesAreHiddenNoPictureIsTakenThatWasNotAnnounced() async throws {
        let stage = Stage(Privacy(.faces))
        stage.tap.open()
        #expect(!stage.tap.keepsPicture, "nobody watches, so no frame is looked at once more")
        let viewer = stage.view.viewer(PictureForm())
        async let news = viewer.next()
        while stage.view.waitingCount == 0 { await Task.yield() }
        stage.showFrame(isAnnounced: false)
        stage.showFrame(isAnnounced: true)
        stage.makePictures()
        #expect(Self.frame(await news)?.time.index == 1)
        #expect(stage.film.count == 1)
    }

    @Test func aStreamWithoutPicturesShowsWhoIsThere() async throws {
        let stage = Stage(Privacy(.countsOnly))
        stage.tap.open()
        let viewer = stage.view.viewer(PictureForm())
        let shown = Self.frame(await stage.whileShowing { await viewer.next() })
        #expect(shown?.isWithheld == true && shown?.picture == nil && stage.film.count == 0)
    }

    @Test func aViewerIsToldWhenTheSourceIsGoneAndShownWhatComesAfter() async throws {
        let stage = Stage()
        let viewer = stage.view.viewer(PictureForm())
        guard case .absent = await viewer.next() else {
            Issue.record("the source is not open")
            return
        }
        viewer.doubt()
        guard case .absent = await viewer.next() else {
            Issue.record("who doubts is told again")
            return
        }
        stage.tap.open()
        let first = Self.frame(await stage.whileShowing { await viewer.next() })
        async let news = viewer.next()
        while stage.view.waitingCount == 0 { await Task.yield() }
        stage.tap.pause()
        guard case .absent = await news else {
            Issue.record("the source is gone")
            return
        }
        #expect(await stage.view.preview(PictureForm(), patience: .seconds(60)) == nil)
        stage.tap.open()
        let second = Self.frame(await stage.whileShowing { await viewer.next() })
        #expect(first?.opening == 1 && second?.opening == 2)
    }

    @Test func aViewThatNobodyHoldsIsForgotten() async throws {
        let board = ViewBoard(), stream = UUID()
        var viewer: Viewer? = board.view(of: stream).viewer(PictureForm())
        #expect(board.count == 1 && viewer != nil)
        viewer = nil
        #expect(board.count == 0)
    }

    @Test(arguments: [
        (PixelSize(width: 1920, height: 1080), nil, 1920), (PixelSize(width: 1920, height: 1080), 640, 640),
        (PixelSize(width: 320, height: 240), 640, 320), (PixelSize(width: 1080, height: 1920), 540, 960),
        (PixelSize(width: 1080, height: 1920), nil, 1920),
    ])
    func aFormSaysHowLargeAPictureIs(size: PixelSize, width: Int?, longer: Int) {
        let policy = PictureForm(width: width, quality: 48).policy(for: size)
        #expect(policy.maximumSize == longer && policy.quality == 0.5 && policy.mediaType == .jpeg)
    }
}
