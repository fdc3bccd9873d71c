import Scene

/// A region filter that remembers its zone for as long as the frame size stays the same. No filter lets everything pass.
struct RegionGate: Sendable {
    private let filter: RegionFilter?
    private var resolved: (size: PixelSize, zone: Zone)?
    init(_ filter: RegionFilter?) { self.filter = filter }

    mutating func zone(in size: PixelSize) -> Zone? {
        guard let filter else { return nil }
        if let resolved, resolved.size == size { return resolved.zone }
        let zone = filter.zone(in: size)
        resolved = (size, zone)
        return zone
    }
}
