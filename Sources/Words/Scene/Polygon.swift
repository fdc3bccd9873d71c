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

    /// Whether a rectangle shares anything with it, be it an edge.
    public func touches(_ rect: PixelRect) -> Bool {
        let (minX, minY) = (Float(rect.x), Float(rect.y))
        let (maxX, maxY) = (Float(rect.x + rect.width), Float(rect.y + rect.height))
        // Where no edge passes through it, it is inside or outside as a whole.
        if contains(Point(x: (minX + maxX) / 2, y: (minY + maxY) / 2)) { return true }
        guard var previous = vertices.last else { return false }
        for vertex in vertices {
            if Self.segment(from: previous, to: vertex, meetsX: minX...maxX, y: minY...maxY) { return true }
            previous = vertex
        }
        return false
    }
    /// Source: Liang, Barsky, "A New Concept and Method for Line Clipping", ACM TOG 1984.
    private static func segment(
        from a: Point, to b: Point, meetsX x: ClosedRange<Float>, y: ClosedRange<Float>
    ) -> Bool {
        var enters: Float = 0, leaves: Float = 1
        for (start, step, range) in [(a.x, b.x - a.x, x), (a.y, b.y - a.y, y)] {
            if step == 0 {
                if !range.contains(start) { return false }
                continue
            }
            let one = (range.lowerBound - start) / step, other = (range.upperBound - start) / step
            enters = max(enters, min(one, other))
            leaves = min(leaves, max(one, other))
        }
        return enters <= leaves
    }
}

/// The union of polygons: a point is in the zone when it is in any of them.
public struct Zone: Hashable, Sendable {
    public let polygons: [Polygon]
    public init(polygons: [Polygon]) { self.polygons = polygons }
    public func contains(_ point: Point) -> Bool { polygons.contains { $0.contains(point) } }
    /// Whether a rectangle shares anything with it.
    public func touches(_ rect: PixelRect) -> Bool { polygons.contains { $0.touches(rect) } }
}
