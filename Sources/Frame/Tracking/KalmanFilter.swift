import Scene

/// A constant-velocity Kalman filter over a bounding box, in seconds.
///
/// State: centre `x, y`, width and height [px] with their rates [px/s]; a measurement is `x, y, width, height`. All
/// noises are diagonal, as in SORT and its successors, so the 8×8 covariance has four independent 2×2 blocks and is
/// kept as such. Process noise is white acceleration, which scales rightly with any time between frames.
///
/// Sources: Bewley et al., "Simple Online and Realtime Tracking", ICIP 2016; Wojke, Bewley, Paulus, "Simple Online and
/// Realtime Tracking with a Deep Association Metric", ICIP 2017, §2.1 (noises proportional to the height); Bar-Shalom,
/// Li, Kirubarajan, "Estimation with Applications to Tracking and Navigation", 2001, §6.2.2 (the discretised
/// white-noise acceleration model).
struct KalmanFilter: Sendable {
    /// One coordinate: value, rate, and their covariance.
    struct Axis: Sendable {
        var value: Float
        var rate: Float = 0
        var valueVariance: Float
        var covariance: Float = 0
        var rateVariance: Float

        /// - Parameters:
        ///   - dt: seconds.
        ///   - density: spectral density of the acceleration [px²/s³].
        mutating func predict(_ dt: Float, density: Float) {
            value += dt * rate
            valueVariance += dt * (2 * covariance + dt * rateVariance) + density * dt * dt * dt / 3
            covariance += dt * rateVariance + density * dt * dt / 2
            rateVariance += density * dt
        }

        /// - Parameter variance: of the measurement [px²].
        mutating func update(_ measured: Float, variance: Float) {
            let innovation = measured - value
            let innovationVariance = valueVariance + variance
            let valueGain = valueVariance / innovationVariance
            let rateGain = covariance / innovationVariance
            value += valueGain * innovation
            rate += rateGain * innovation
            rateVariance -= rateGain * covariance
            covariance *= 1 - valueGain
            valueVariance *= 1 - valueGain
        }
    }

    private(set) var x, y, width, height: Axis
    private let configuration: TrackerConfiguration

    /// Starts at `box`, at rest.
    init(_ box: BoundingBox, configuration: TrackerConfiguration) {
        self.configuration = configuration
        let scale = max(1, box.height)
        let measured = square(configuration.measurementNoise * scale)
        let speed = square(configuration.initialSpeed * scale)
        let growth = square(configuration.sizeNoise * scale)
        x = Axis(value: box.center.x, valueVariance: measured, rateVariance: speed)
        y = Axis(value: box.center.y, valueVariance: measured, rateVariance: speed)
        width = Axis(value: box.width, valueVariance: measured, rateVariance: growth)
        height = Axis(value: box.height, valueVariance: measured, rateVariance: growth)
    }

    /// The box the state stands for; never thinner than a pixel.
    var box: BoundingBox {
        let halfWidth = max(1, width.value) / 2, halfHeight = max(1, height.value) / 2
        return BoundingBox(
            minX: x.value - halfWidth, minY: y.value - halfHeight, maxX: x.value + halfWidth, maxY: y.value + halfHeight
        )
    }

    mutating func predict(by elapsed: Duration) {
        let dt = Float(elapsed.seconds)
        let motion = square(configuration.accelerationNoise * scale)
        let growth = square(configuration.sizeNoise * scale)
        x.predict(dt, density: motion)
        y.predict(dt, density: motion)
        width.predict(dt, density: growth)
        height.predict(dt, density: growth)
    }

    /// - Parameter trust: `0...1`, the certainty of the measurement; an unsure box moves the state less.
    mutating func update(with box: BoundingBox, trust: Float) {
        let variance = square(configuration.measurementNoise * scale) / max(0.1, trust)
        x.update(box.center.x, variance: variance)
        y.update(box.center.y, variance: variance)
        width.update(box.width, variance: variance)
        height.update(box.height, variance: variance)
    }

    /// Stops the box from growing or shrinking further while nothing is measured: size rates are the least certain
    /// part of the state and would make a person who is only predicted vanish or fill the picture.
    mutating func freezeSize() {
        width.rate = 0
        height.rate = 0
    }

    private var scale: Float { max(1, height.value) }
}

private func square(_ value: Float) -> Float { value * value }
