import Analytics
public import Scene

/// Somebody of a frame, as pictures of it mark people.
public struct ShownPerson: Hashable, Sendable {
    /// In pixels of the frame.
    public let box: BoundingBox
    /// Of the detection in this frame; `nil`: it does not show the person, who is taken to be there.
    public let confidence: Float?
    public let isCounted: Bool
    /// As an analytic that follows people knows the person.
    public let track: Track?
    /// The same in all frames of a source, and of nobody else; `nil`: nobody follows the person.
    public let number: UInt64?

    fileprivate init(_ person: Headcount.Person, countedBy counting: AnalyticResult?, track: FollowedTrack?) {
        (box, confidence) = (track?.track.box ?? person.box, track?.track.confidence ?? person.confidence)
        (isCounted, self.track) = (true, track?.track)
        number = person.track.flatMap { counting?.number(of: $0) } ?? track?.number
    }
    fileprivate init(beyond followed: FollowedTrack) {
        (box, confidence, isCounted) = (followed.track.box, followed.track.confidence, false)
        (track, number) = (followed.track, followed.number)
    }
}

private struct FollowedTrack {
    let track: Track
    let number: UInt64?
}

extension AnalyticResult {
    /// Trackers take turns with numbers: where there is one, it is its own.
    fileprivate func number(of track: Track.ID) -> UInt64? {
        following.map { track.rawValue * UInt64(followings) + UInt64($0) }
    }
}

extension [AnalyticResult] {
    /// Everybody counted, as many as `headcount` says; then those whom an analytic that follows people sees beyond the counted, such as
    /// outside the region of the count.
    public var shownPeople: [ShownPerson] {
        var followed = filter { $0.marking == .tracks }.flatMap { result in
            result.observation.tracks.filter { $0.phase == .confirmed }
                .map { FollowedTrack(track: $0, number: result.number(of: $0.id)) }
        }
        let counting = counting, people = headcount.people
        let counted = people.map { person in
            // Of different trackers the places say who is who: none knows the other's numbers.
            let index =
                followed.firstIndex { $0.track.box == person.box }
                ?? followed.firstIndex { $0.track.box.iou(with: person.box) >= 0.5 }
            return ShownPerson(person, countedBy: counting, track: index.map { followed.remove(at: $0) })
        }
        let beyond = followed.filter { followed in
            followed.track.confidence != nil && !people.contains { $0.box.iou(with: followed.track.box) >= 0.3 }
        }
        return counted + beyond.map { ShownPerson(beyond: $0) }
    }
}
