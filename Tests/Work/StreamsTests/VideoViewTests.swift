import Foundation
import Frames
import JSON
import Pipeline
import Records
import Scene
import TestSupport
import Testing

@testable import Streams

/// Coded video that is passed on to those who watch: who gets it, from where on, and who never does.
struct VideoViewTests {
    /// A stream whose source passes on what a test says.
    private final class Stage: Sendable {
        let board = ViewBoard(), source = PassingSource(), tap: ViewTap, view: StreamView, id: UUID

        init(_ privacy: Privacy? = nil, kind: SourceSpecification.Kind = .stream, version: Int = 1) {
            let stream = StreamDefinition(
                id: UUID(), accountID: UUID(), version: version,
                source: SourceSpecification(kind: kind, reference: "camera"), analytics: [], location: .emptyObject,
                privacy: privacy)
            id = stream.id
            tap = ViewTap(of: stream, on: board)
            view = board.view(of: stream.id)
            tap.begin(Plan(privacy: privacy))
            tap.open(source)
        }
        func viewer() -> Viewer { view.viewer(PictureForm(), wantsVideo: true) }
        func showFrame(_ index: Int, label: MediaTime? = nil) {
            let time = FrameTime(
                index: index, pts: MediaTime(seconds: Double(index) / 25), wallClock: .now, label: label)
            _ = tap.keepsPicture
            tap.take(
                Frame(
                    time: time, consumers: ConsumerSet(index: 0),
                    picture: BlankPicture(size: PixelSize(width: 640, height: 360))), [])
        }
    }
    /// What waits for a viewer: the head as -1, fragments by their numbers.
    private static func waiting(_ viewer: Viewer, _ count: Int) async -> [Int?] {
        var found: [Int?] = []
        while found.count < count, case .video(let piece) = await viewer.next() {
            if case .head = piece { found.append(-1) } else { found.append(PassingSource.number(of: piece.bytes)) }
        }
        return found
    }

    @Test func theSourceIsAskedOnlyWhileSomebodyWants() async {
        let stage = Stage()
        #expect(!stage.source.isWatched)
        let other = stage.view.viewer(PictureForm())
        #expect(!stage.source.isWatched, "who wants pictures gets pictures")
        var viewers = (0..<10).map { _ in stage.viewer() }
        #expect(stage.source.isWatched && stage.source.asked == 1, "ten cost what one does")
        stage.source.passHead()
        stage.source.passFragments(3)
        for viewer in viewers { #expect(await Self.waiting(viewer, 4) == [-1, 0, 1, 2]) }
        viewers.removeAll()
        #expect(!stage.source.isWatched)
        let again = stage.viewer()
        #expect(stage.source.isWatched && stage.source.asked == 2)
        stage.source.passHead()
        stage.source.passFragments(1, interval: 1)
        #expect(await Self.waiting(again, 2) == [-1, 3], "nothing of before comes again")
        withExtendedLifetime(other) {}
    }

    @Test func whoComesLaterBeginsWithTheLatestKeyFrame() async {
        let stage = Stage(), first = stage.viewer()
        stage.source.passHead()
        stage.source.passFragments(30)
        let second = stage.viewer()
        stage.source.passFragments(1)
        #expect(await Self.waiting(second, 7) == [-1, 25, 26, 27, 28, 29, 30])
        #expect(await Self.waiting(first, 3) == [-1, 0, 1])
    }

    @Test func aSlowViewerIsTakenToTheNextKeyFrame() async {
        let stage = Stage(), viewer = stage.viewer()
        stage.source.passHead()
        stage.source.passFragments(60)
        #expect(await Self.waiting(viewer, 3) == [-1, 0, 1])
        stage.source.passFragments(20)  // the fourth key frame, number 75, is three seconds ahead
        #expect(await Self.waiting(viewer, 3) == [75, 76, 77])
    }

    @Test func whatWaitsForAViewerIsBounded() async {
        let stage = Stage(), viewer = stage.viewer()
        stage.source.passHead()
        let size = 1 << 20
        stage.source.passFragments(40, interval: 45, byteCount: size)
        // Too much came: nothing until the next key frame, for him and for whoever comes.
        let late = stage.viewer()
        stage.source.passFragments(6, interval: 45, byteCount: size)
        #expect(await Self.waiting(viewer, 2) == [-1, 45])
        #expect(await Self.waiting(late, 2) == [-1, 45])
    }

    @Test func framesComeWithoutPicturesOnceThereIsVideo() async throws {
        let stage = Stage(), viewer = stage.viewer()
        let making = Task { [tap = stage.tap] in await tap.show() }
        defer { making.cancel() }
        async let first = viewer.next()
        while stage.view.waitingCount == 0 { await Task.yield() }
        stage.showFrame(0)
        guard case .frame(let pictured) = await first else {
            Issue.record("no frame came")
            return
        }
        #expect(pictured.picture != nil, "until there is video there are pictures")
        stage.source.passHead(origin: MediaTime(seconds: 7))
        guard case .video(.head(let head)) = await viewer.next() else {
            Issue.record("no head came")
            return
        }
        async let second = viewer.next()
        while stage.view.waitingCount == 0 { await Task.yield() }
        stage.showFrame(1, label: MediaTime(seconds: 9.5))
        guard case .frame(let bare) = await second else {
            Issue.record("no frame came")
            return
        }
        #expect(bare.picture == nil && head.seconds(of: bare.time) == 2.5)
    }

    @Test(arguments: [Privacy(.faces), Privacy(.people), Privacy(.countsOnly)])
    func whatHidesAnythingPassesNothing(privacy: Privacy) {
        let stage = Stage(privacy), viewer = stage.viewer()
        #expect(stage.source.asked == 0)
        withExtendedLifetime(viewer) {}
    }
    @Test func aFilmPassesNothing() {
        let stage = Stage(kind: .file), viewer = stage.viewer()
        #expect(stage.source.asked == 0)
        withExtendedLifetime(viewer) {}
    }

    @Test func whatIsWithheldIsTakenBackAtOnceAndForGood() async {
        let stage = Stage(), viewer = stage.viewer()
        stage.source.passHead()
        stage.source.passFragments(10)
        stage.board.withholdVideo(of: stage.id, before: 2)
        #expect(!stage.source.isWatched)
        // The old run has not ended yet, and opens its source once more.
        stage.tap.pause()
        stage.tap.open(stage.source)
        #expect(!stage.source.isWatched)
        guard case .absent = await viewer.next() else {
            Issue.record("something is left of the video")
            return
        }
        let later = Stage(version: 2)
        let other = later.viewer()
        later.board.withholdVideo(of: later.id, before: 2)
        #expect(later.source.isWatched, "of that version and later ones it is passed on")
        withExtendedLifetime(other) {}
    }

    @Test func aSourceThatIsOpenedAnewBeginsANewVideo() async {
        let stage = Stage(), viewer = stage.viewer()
        stage.source.passHead()
        stage.source.passFragments(2)
        stage.tap.pause()
        guard case .absent = await viewer.next() else {
            Issue.record("the source is gone")
            return
        }
        #expect(!stage.source.isWatched)
        let next = PassingSource()
        stage.tap.open(next)
        #expect(next.isWatched)
        stage.source.passFragments(1)
        next.passHead()
        next.passFragments(1)
        #expect(await Self.waiting(viewer, 2) == [-1, 0])
    }
}
