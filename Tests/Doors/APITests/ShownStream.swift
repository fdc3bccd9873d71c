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
    private let tap: ViewTap
    init(_ stream: RegisteredStream, on server: TestServer) {
        tap = ViewTap(of: stream.definition, on: server.views)
        tap.begin(Plan(privacy: stream.specification.privacy))
    }

    /// Shows grey frames of 640 × 360, 25 a second by their own clock, until `body` returns.
    func whileShowing(_ body: () async throws -> Void) async throws {
        tap.open()
        defer { tap.pause() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await tap.show() }
            group.addTask {
                var index = 0
                while !Task.isCancelled {
                    show(index)
                    index += 1
                    await Task.yield()
                }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }
    private func show(_ index: Int) {
        let time = FrameTime(index: index, pts: MediaTime(seconds: Double(index) / 25), wallClock: .now)
        let picture = BlankPicture(size: PixelSize(width: 640, height: 360))
        _ = tap.keepsPicture
        tap.take(Frame(time: time, consumers: ConsumerSet(index: 0), picture: picture), [])
    }
}
