import JSON
import Records
import Scene

/// What one frame shows of a crowd, and how that is written.
struct Crowd: Sighting {
    static let eventType = "crowd"
    static let form = Event.Form.general
    var time: FrameTime
    /// Centres of the people.
    let people: [Point]
    /// Whether live subscribers are told where the people are.
    let showsCoordinates: Bool

    /// The more people, the better, so that the best sighting has the most.
    var merit: Float { Float(people.count) }
    var facts: any Facts { Count(people: people.count) }
    var pictureFacts: any Facts { Places(people: people) }
    func sample(of side: Event.Picture.Side) -> Sample? { nil }
    var live: any Facts { showsCoordinates ? Both(people: people) : Count(people: people.count) }

    private struct Count: Facts {
        let people: Int
        var members: [String: JSONValue] { ["people_count": .integer(Int64(people))] }
    }
    private struct Places: Facts {
        let people: [Point]
        var members: [String: JSONValue] { ["people_coordinates": .coordinates(people)] }
    }
    private struct Both: Facts {
        let people: [Point]
        var members: [String: JSONValue] {
            ["people_count": .integer(Int64(people.count)), "people_coordinates": .coordinates(people)]
        }
    }
}
