/// A simple polygon in pixels of the source frame, closed from its last vertex to its first.
public struct Polygon: Hashable, Sendable {
    public let vertices: [Point]
    /// - Parameter vertices: at least three, in either orientation.
    public init(vertices: [Point]) { self.vertices = vertices }

    /// Whether `point` lies inside, by the even-odd rule (crossings of the ray to the right).
    ///
    /// Source: W. R. Franklin, "PNPOLY – point inclusion in polygon test", 1970. A point on a left or upper edge is
    /// inside, on a right or lower edge outside, so that polygons side by side share no point.
    public func contains(_ point: Point) -> Bool {
        guard var previous = vertices.last else { return false }
        var isInside = false
        for vertex in vertices {
            if (vertex.y > point.y) != (previous.y > point.y) {
                let crossing = vertex.x + (point.y - vertex.y) / (previous.y - vertex.y) * (previous.x - vertex.x)
                if point.x < crossing { isInside.toggle() }
            }
            previous = vertex
        }
        return isInside
    }
}

/// The union of polygons: a point is in the zone when it is in any of them.
public struct Zone: Hashable, Sendable {
    public let polygons: [Polygon]
    public init(polygons: [Polygon]) { self.polygons = polygons }
    public func contains(_ point: Point) -> Bool { polygons.contains { $0.contains(point) } }
}
