import Foundation
import JSON
public import Records
import Scene
import Store

// What becomes of those whom streams have seen.
extension HandlerRunner {
    /// A stream names a handler that is not there any more, or has no policies of its own any more.
    public struct HandlerGone: Error, CustomStringConvertible {
        public let description = "the handler is not there any more, or has no policies of its own"
    }

    /// Makes the event of somebody whom a stream has followed until he was gone: all that was seen of him is one event, whose descriptor is the
    /// mean of his faces, each counting by its quality. It has the track's id and times.
    /// - Throws: `HandlerGone`, `StoreError`; what the models throw.
    public func makeEvent(of person: FollowedPerson) async throws {
        let account = person.stream.accountID
        let handler = try await store.handler(id: person.handler, account: account)
        guard let policies = handler?.details.policies else { throw HandlerGone() }
        let order = Order(
            handler: person.handler, account: account, policies: policies, requestID: "\(Self.second),\(UUID().wire)")
        var seen: [SeenPerson] = []
        for shot in person.shots { seen += try await look(at: try await picture(shot), order).people }
        guard !seen.isEmpty else { return }
        _ = try await event(of: seen, EventData(person), order, isAggregated: true)
    }
    /// Of ids of requests.
    private static var second: String { String(Int(Date.now.timeIntervalSince1970)) }

    private func picture(_ shot: Event.Picture) async throws -> HandledPicture {
        let bytes = try shot.snapshot.bytes, isFace = shot.kind == .faceSample
        var picture = HandledPicture(isFace ? .faceWarp : .bodyWarp, try await open(bytes), bytes: bytes) {
            HandledPicture.File(bytes: bytes, contentType: shot.snapshot.mediaType.contentType)
        }
        (picture.time, picture.offset) = (shot.time.wallClock, shot.time.pts.seconds)
        let box = shot.facts.members["rect"].flatMap(BoundingBox.init(rect:))
        if isFace { picture.face = box } else { picture.body = box }
        return picture
    }
}

extension EventData {
    fileprivate init(_ person: FollowedPerson) {
        self.init()
        let place = EventPlace(person.stream)
        (begin, end) = (person.begin.wallClock, person.end.wallClock)
        (source, location) = (place.source.isEmpty ? nil : place.source, place.location)
        (streamID, trackID) = (person.stream.id, person.trackID.wire)
    }
}

extension BoundingBox {
    /// As events tell it.
    fileprivate init?(rect: JSONValue) {
        let sides = ["x", "y", "width", "height"].compactMap { rect[$0]?.double.map(Float.init) }
        guard sides.count == 4 else { return nil }
        self.init(minX: sides[0], minY: sides[1], maxX: sides[0] + sides[2], maxY: sides[1] + sides[3])
    }
}
