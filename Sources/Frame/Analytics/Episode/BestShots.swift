import Foundation
import Records
import Scene

/// The best samples of an event so far, the best first; of equals the earlier.
struct BestShots: Sendable {
    /// Events carry no more detections than this.
    static let limit = 100

    private struct Shot: Sendable {
        let merit: Float
        let picture: Event.Picture
    }
    /// How many there are at most.
    private let count: Int
    private let isListed, hasThumbnail: Bool
    private var shots: [Shot] = []

    /// - Parameters:
    ///   - count: at most, where all are listed.
    ///   - isListed: whether all are among the samples of the event; else there is the thumbnail alone.
    ///   - hasThumbnail: whether the best is the event's thumbnail.
    init(count: Int = 0, isListed: Bool = false, hasThumbnail: Bool = false) {
        let wanted = isListed ? count : hasThumbnail ? min(count, 1) : 0
        self.count = min(wanted, Self.limit)
        (self.isListed, self.hasThumbnail) = (isListed, hasThumbnail)
    }

    mutating func add(_ sighting: some Sighting, beside event: UUID, _ source: Shots) {
        guard count > 0, let facts = sighting.sampleFacts else { return }
        let place = shots.firstIndex { $0.merit < sighting.merit } ?? shots.count
        guard place < count, let snapshot = source.sample() else { return }
        let picture = Event.Picture(
            id: event.beside, role: .body([]), time: sighting.time, facts: facts, snapshot: snapshot)
        shots.insert(Shot(merit: sighting.merit, picture: picture), at: place)
        if shots.count > count { shots.removeLast() }
    }
    mutating func removeAll() { shots = [] }

    var pictures: [Event.Picture] {
        shots.enumerated().map { index, shot in
            var aggregates: Set<Event.Picture.Aggregate> = isListed ? [.samples] : []
            if hasThumbnail, index == 0 { aggregates.insert(.thumbnail) }
            var picture = shot.picture
            picture.role = .body(aggregates)
            return picture
        }
    }
}
