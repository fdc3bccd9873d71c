import JSON
import Records
import Scene

/// Age and gender of somebody who is followed: the means of the best samples of the face of which they were told.
struct BestAttributes: Sendable {
    private struct Shot: Sendable {
        let merit: Float
        let attributes: AgeAndGender
    }
    /// The best first.
    private var shots: [Shot] = []

    /// - Parameter count: samples at most.
    mutating func add(_ face: Person.Side?, count: Int) {
        guard let face, face.isSample, let attributes = face.estimates?.basicAttributes else { return }
        let merit = face.detection.confidence, place = shots.firstIndex { $0.merit < merit } ?? shots.count
        guard place < count else { return }
        shots.insert(Shot(merit: merit, attributes: attributes), at: place)
        if shots.count > count { shots.removeLast() }
    }

    /// The update with them in its event, as far as they are known by then.
    func told(in update: EventUpdate) -> EventUpdate {
        guard let mean = AgeAndGender.mean(of: shots.map(\.attributes)) else { return update }
        var update = update
        update.event.facts = WithAttributes(facts: update.event.facts, attributes: mean)
        return update
    }

    private struct WithAttributes: Facts {
        let facts: any Facts
        let attributes: AgeAndGender
        var members: [String: JSONValue] {
            facts.members.merging([
                "face_attributes": [
                    "attribute_id": .null, "url": .null, "samples": [], "basic_attributes": JSONValue(attributes),
                ]
            ]) { $1 }
        }
    }
}
