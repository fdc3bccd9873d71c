/// The scene without people: a hall with a tiled floor, a back wall with a passage, pillars and furniture.
enum Hall {
    enum Material: Sendable { case floor, wall, passage, wood, metal, glass, picture, leaf, pot, lamp }

    /// A box with sides along the axes.
    struct Block: Sendable {
        var low, high: Vector
        var material: Material
        var color: Vector
    }
    struct Ball: Sendable {
        var center: Vector
        var radius: Float
    }
    struct Hit {
        var distance: Float
        var normal: Vector
        var material: Material
        var color: Vector
    }

    static let backWall: Float = 13.5
    static let blocks: [Block] = {
        func block(_ low: Vector, _ high: Vector, _ material: Material, _ color: Vector) -> Block {
            Block(low: low, high: high, material: material, color: color)
        }
        let wall = Vector(0.66, 0.64, 0.58), wood = Vector(0.33, 0.20, 0.11), metal = Vector(0.35, 0.36, 0.38)
        return [
            // The back wall on both sides of the passage, and above it.
            block([-14, 0, backWall], [1.6, 4.2, backWall + 0.25], .wall, wall),
            block([3.9, 0, backWall], [14, 4.2, backWall + 0.25], .wall, wall),
            block([1.6, 2.5, backWall], [3.9, 4.2, backWall + 0.25], .wall, wall),
            // What is seen through it.
            block([0, 0, backWall + 2.6], [6, 4, backWall + 2.8], .passage, [0.34, 0.36, 0.38]),
            block([0.9, 0, backWall + 0.25], [1.1, 4, backWall + 2.6], .passage, [0.36, 0.36, 0.36]),
            block([5.6, 0, backWall + 0.25], [5.8, 4, backWall + 2.6], .passage, [0.36, 0.36, 0.36]),
            // Frame of the passage and skirting board.
            block([1.5, 0, backWall - 0.04], [1.6, 2.6, backWall + 0.3], .wood, wood),
            block([3.9, 0, backWall - 0.04], [4.0, 2.6, backWall + 0.3], .wood, wood),
            block([1.5, 2.5, backWall - 0.04], [4.0, 2.6, backWall + 0.3], .wood, wood),
            block([-14, 0, backWall - 0.03], [1.5, 0.12, backWall], .wood, wood * 0.7),
            block([4.0, 0, backWall - 0.03], [14, 0.12, backWall], .wood, wood * 0.7),
            // Windows to the left, a picture to the right.
            block([-7.2, 1.0, backWall - 0.02], [-4.6, 2.6, backWall], .glass, [0.78, 0.85, 0.92]),
            block([-4.2, 1.0, backWall - 0.02], [-1.6, 2.6, backWall], .glass, [0.78, 0.85, 0.92]),
            block([-7.3, 0.93, backWall - 0.10], [-1.5, 1.0, backWall], .wood, [0.7, 0.7, 0.68]),
            block([5.3, 1.2, backWall - 0.03], [7.1, 2.3, backWall], .picture, [0.25, 0.42, 0.55]),
            // A bench along the window.
            block([-5.6, 0.40, 12.5], [-3.0, 0.46, 12.95], .wood, wood * 1.3),
            block([-5.4, 0, 12.55], [-5.3, 0.40, 12.9], .metal, metal),
            block([-3.3, 0, 12.55], [-3.2, 0.40, 12.9], .metal, metal),
            // A counter on the right.
            block([6.2, 0, 9.0], [7.0, 1.05, 12.0], .wood, [0.45, 0.36, 0.27]),
            block([6.1, 1.05, 8.9], [7.1, 1.10, 12.1], .metal, [0.6, 0.6, 0.6]),
            // A planter on the left.
            block([-6.9, 0, 8.2], [-5.9, 0.55, 9.2], .pot, [0.42, 0.40, 0.38]),
        ]
    }()
    static let balls: [Ball] = {
        var random = Randomness(seed: 7)
        return (0..<26).map { _ in
            Ball(
                center: Vector(random.between(-6.85, -5.95), random.between(0.58, 0.95), random.between(8.25, 9.15)),
                radius: random.between(0.10, 0.19))
        }
    }()

    /// The first surface that `ray` meets.
    static func hit(_ ray: Ray) -> Hit? {
        var nearest: Hit?
        func take(_ distance: Float, _ normal: Vector, _ material: Material, _ color: Vector) {
            if distance > 1e-3, distance < nearest?.distance ?? .infinity {
                nearest = Hit(distance: distance, normal: normal, material: material, color: color)
            }
        }
        if ray.direction.y < 0 {
            take(-ray.origin.y / ray.direction.y, [0, 1, 0], .floor, [0.33, 0.31, 0.28])
        }
        for block in blocks {
            if let (distance, normal) = crossing(ray, block) { take(distance, normal, block.material, block.color) }
        }
        for ball in balls {
            let offset = ray.origin - ball.center, along = dot(offset, ray.direction)
            let rest = along * along - dot(offset, offset) + ball.radius * ball.radius
            guard rest > 0 else { continue }
            let distance = -along - rest.squareRoot()
            take(distance, normalized(ray.point(at: distance) - ball.center), .leaf, [0.12, 0.26, 0.09])
        }
        return nearest
    }
    /// Whether anything stands between `ray.origin` and `reach` metres along the ray.
    static func isBlocked(_ ray: Ray, within reach: Float) -> Bool {
        blocks.contains { block in crossing(ray, block).map { $0.0 > 1e-3 && $0.0 < reach } ?? false }
    }

    /// Source: Kay, Kajiya, "Ray Tracing Complex Scenes", SIGGRAPH 1986 (slabs).
    private static func crossing(_ ray: Ray, _ block: Block) -> (Float, Vector)? {
        let inverse = 1 / ray.direction
        let a = (block.low - ray.origin) * inverse, b = (block.high - ray.origin) * inverse
        let near = pointwiseMin(a, b), far = pointwiseMax(a, b)
        let entry = near.max(), exit = far.min()
        guard entry <= exit, entry > 0 else { return nil }
        let axis = entry == near.x ? 0 : entry == near.y ? 1 : 2
        var normal = Vector()
        normal[axis] = ray.direction[axis] > 0 ? -1 : 1
        return (entry, normal)
    }
}
