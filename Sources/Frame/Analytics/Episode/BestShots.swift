import Foundation
import Records
import Scene

/// The best samples of an event so far, the best first; of equals the earlier.
struct BestShots: Sendable {
    /// Events carry no more detections than this.
    static let limit = 100
    /// Faces that a handler is given of one person.
    static let handlerLimit = 8

    private struct Shot: Sendable {
        let merit: Float
        let picture: Event.Picture
    }
    private let side: Event.Picture.Side
    /// How many there are at most.
    private let count: Int
    private let isListed, hasThumbnail, isByQuality: Bool
    private var shots: [Shot] = []

    /// - Parameters:
    ///   - side: what they show.
    ///   - count: at most, where all are listed.
    ///   - isListed: whether all are among the samples of the event; else there is the thumbnail alone.
    ///   - hasThumbnail: whether the best is the event's thumbnail.
    ///   - isByQuality: whether how far they suit recognition decides, where it is known.
    init(
        _ side: Event.Picture.Side, count: Int, isListed: Bool, hasThumbnail: Bool, isByQuality: Bool = false
    ) {
        let wanted = isListed ? count : hasThumbnail ? min(count, 1) : 0
        self.count = min(wanted, Self.limit)
        self.side = side
        (self.isListed, self.hasThumbnail, self.isByQuality) = (isListed, hasThumbnail, isByQuality)
    }

    mutating func add(_ sighting: some Sighting, beside event: UUID, _ source: Shots) {
        guard count > 0, let sample = sighting.sample(of: side) else { return }
        let merit = isByQuality ? sample.quality ?? sample.merit : sample.merit
        let place = shots.firstIndex { $0.merit < merit } ?? shots.count
        guard place < count, let snapshot = source.sample(side) else { return }
        let picture = Event.Picture(
            id: event.beside, role: .sample(of: side, []), time: sighting.time, facts: sample.facts,
            snapshot: snapshot)
        shots.insert(Shot(merit: merit, picture: picture), at: place)
        if shots.count > count { shots.removeLast() }
    }
    mutating func removeAll() { shots = [] }

    var pictures: [Event.Picture] {
        shots.enumerated().map { index, shot in
            var aggregates: Set<Event.Picture.Aggregate> = isListed ? [.samples] : []
            if hasThumbnail, index == 0 { aggregates.insert(.thumbnail) }
            var picture = shot.picture
            picture.role = .sample(of: side, aggregates)
            return picture
        }
    }
}
