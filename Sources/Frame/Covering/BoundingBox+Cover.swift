public import Scene

extension BoundingBox {
    /// What is covered of a face that was found here. Models draw their boxes from brow to chin and a little differently in each frame: with
    /// 0.4 of its size on every side, all labelled faces of the shared clips lie in the boxes of theirs.
    public var coverOfFace: BoundingBox { grown(0.4 * width, 0.4 * height) }

    /// The box whose largest ellipse holds all of this one, corners too.
    public var ellipseAround: BoundingBox { grown(Self.corner * width, Self.corner * height) }
    /// The same with a circle.
    public var circleAround: BoundingBox {
        let radius = max(width, height) * (0.5 + Self.corner)
        return BoundingBox(
            minX: center.x - radius, minY: center.y - radius, maxX: center.x + radius, maxY: center.y + radius)
    }
    private static let corner = (Float(2).squareRoot() - 1) / 2

    /// What is covered of a body that was found here: arms and feet reach out of the boxes of models.
    public var coverOfBody: BoundingBox { grown(0.12 * width + 2, 0.06 * height + 2) }

    /// Where the head of a body is that was found here: its upper part. Of who stands that is above the breast; of who sits or
    /// is cut off by the picture's edge, whose box is about as wide as high, most of it. All labelled faces of the shared clips that
    /// have a body lie in it.
    public var coverOfHead: BoundingBox {
        let depth = max(0.3 * height, 0.9 * min(width, 0.8 * height))
        return BoundingBox(
            minX: minX - 0.1 * width, minY: minY - 0.1 * height, maxX: maxX + 0.1 * width, maxY: minY + depth)
    }

    fileprivate func holds(_ other: BoundingBox) -> Bool {
        minX <= other.minX && minY <= other.minY && maxX >= other.maxX && maxY >= other.maxY
    }

    /// The box with so many pixels more on either side, and above and below.
    func grown(_ x: Float, _ y: Float) -> BoundingBox {
        BoundingBox(minX: minX - x, minY: minY - y, maxX: maxX + x, maxY: maxY + y)
    }
}

extension [BoundingBox] {
    /// Those that lie in no other, of equals the first: they cover what all do.
    public var outermost: [BoundingBox] {
        indices.filter { index in
            !indices.contains { other in
                other != index && self[other].holds(self[index]) && (other < index || self[other] != self[index])
            }
        }.map { self[$0] }
    }
}
