public import Scene

/// Narrows counts to where people count for an analytic: those whose box is centred in its region. No region counts everybody.
///
/// Whoever was counted in the look before and is followed stays counted until the centre is `margin` of the box's height outside,
/// so that somebody who stands on the line does not come and go.
public struct CountingRegion: Sendable {
    private static let margin: Float = 0.05
    private var gate: RegionGate
    private var inside: Set<Track.ID> = []
    public init(_ filter: RegionFilter?) { gate = RegionGate(filter) }

    public mutating func narrow(_ headcount: Headcount, in size: PixelSize) -> Headcount {
        guard let zone = gate.zone(in: size) else { return headcount }
        let people = headcount.people.filter { person in
            let wasInside = person.track.map(inside.contains) ?? false
            return zone.contains(person.box.center)
                || wasInside && zone.isNear(person.box.center, within: Self.margin * person.box.height)
        }
        inside = Set(people.compactMap(\.track))
        return Headcount(people)
    }
}

extension Zone {
    /// Whether a step of `distance` to one of four sides leads into the zone.
    fileprivate func isNear(_ point: Point, within distance: Float) -> Bool {
        [(distance, 0), (-distance, 0), (0, distance), (0, -distance)].contains { x, y in
            contains(Point(x: point.x + x, y: point.y + y))
        }
    }
}
