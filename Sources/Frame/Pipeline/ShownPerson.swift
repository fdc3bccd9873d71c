import Analytics
public import Scene

/// Somebody of a frame, as pictures of it mark people.
public struct ShownPerson: Hashable, Sendable {
    /// Numbers of those whom one tracker follows lie so far from those of the next.
    private static let numbersOfATracker: UInt64 = 1_000_000

    /// In pixels of the frame.
    public let box: BoundingBox
    /// Of the detection in this frame; `nil`: it does not show the person, who is taken to be there.
    public let confidence: Float?
    public let isCounted: Bool
    /// As an analytic that follows people knows the person.
    public let track: Track?
    /// The same in all frames of a source, and of nobody else; `nil`: nobody follows the person.
    public let number: UInt64?

    fileprivate init(_ person: Headcount.Person, countedBy following: Int?, track: FollowedTrack?) {
        (box, confidence) = (track?.track.box ?? person.box, track?.track.confidence ?? person.confidence)
        (isCounted, self.track) = (true, track?.track)
        let own = person.track.flatMap { Self.number($0, of: following) }
        number = own ?? track.flatMap { Self.number($0.track.id, of: $0.following) }
    }
    fileprivate init(beyond followed: FollowedTrack) {
        (box, confidence) = (followed.track.box, followed.track.confidence)
        (isCounted, track) = (false, followed.track)
        number = Self.number(followed.track.id, of: followed.following)
    }

    private static func number(_ track: Track.ID, of following: Int?) -> UInt64? {
        following.map { UInt64($0) * numbersOfATracker + track.rawValue }
    }
}

private struct FollowedTrack {
    let track: Track
    let following: Int?
}

extension [AnalyticResult] {
    /// Everybody counted, as many as `headcount` says; then those whom an analytic that follows people sees beyond the counted, such as
    /// outside the region of the count.
    public var shownPeople: [ShownPerson] {
        var followed = filter { $0.marking == .tracks }.flatMap { result in
            result.observation.tracks.filter { $0.phase == .confirmed }
                .map { FollowedTrack(track: $0, following: result.following) }
        }
        let counting = counting, people = headcount.people
        let counted = people.map { person in
            // Of different trackers the places say who is who: none knows the other's numbers.
            let index =
                followed.firstIndex { $0.track.box == person.box }
                ?? followed.firstIndex { $0.track.box.iou(with: person.box) >= 0.5 }
            return ShownPerson(
                person, countedBy: counting?.following, track: index.map { followed.remove(at: $0) })
        }
        let beyond = followed.filter { followed in
            followed.track.confidence != nil && !people.contains { $0.box.iou(with: followed.track.box) >= 0.3 }
        }
        return counted + beyond.map { ShownPerson(beyond: $0) }
    }
}
