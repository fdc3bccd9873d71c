import Foundation
import Frames
import Pipeline
import Records
import Scene
import Store
import TestSupport

@testable import Streams

/// A stream whose frames are shown as fast as anybody wants them, without a source.
struct ShownStream: Sendable {
    private let stream: StreamDefinition
    private let views: ViewBoard
    private let source: (any FrameSource)?

    /// - Parameter source: whose coded video is passed on.
    init(_ stream: RegisteredStream, on server: TestServer, passing source: (any FrameSource)? = nil) {
        (self.stream, views, self.source) = (stream.definition, server.views, source)
    }

    /// Shows grey frames of 640 × 360, 25 a second by their own clock, until `body` returns: one run of the stream.
    func whileShowing(_ body: () async throws -> Void) async throws {
        let tap = ViewTap(of: stream, on: views)
        tap.begin(Plan(privacy: stream.privacy))
        tap.open(source)
        defer { tap.pause() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await tap.show() }
            group.addTask {
                var index = 0
                while !Task.isCancelled {
                    Self.show(index, on: tap)
                    index += 1
                    await Task.yield()
                }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }
    private static func show(_ index: Int, on tap: ViewTap) {
        let pts = MediaTime(seconds: Double(index) / 25)
        let time = FrameTime(index: index, pts: pts, wallClock: .now, label: pts)
        let picture = BlankPicture(size: PixelSize(width: 640, height: 360))
        _ = tap.keepsPicture
        tap.take(Frame(time: time, consumers: ConsumerSet(index: 0), picture: picture), [])
    }
}
