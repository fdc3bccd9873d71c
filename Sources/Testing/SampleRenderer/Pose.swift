import Foundation

/// A person at one instant: the bones in place.
struct Pose: Sendable {
    let bones: [Bone]
    /// On the floor, below the middle of the body.
    let ground: Vector
    let height: Float
    /// Where the person looks; unit length, level.
    let facing: Vector

    init(of figure: Figure, at place: Walk.Place) {
        let facing = Vector(sin(place.heading), 0, cos(place.heading))
        let frame = Frame(
            unit: figure.height, breadth: figure.height * (0.8 + 0.2 * figure.build) * (figure.build.squareRoot()),
            facing: facing, side: Vector(facing.z, 0, -facing.x))
        // A full turn of the gait is two steps; tall people take longer ones, and faster is longer too.
        let stride = figure.height * (0.55 + 0.2 * max(place.speed, 0.5))
        let gait = Gait(phase: figure.phase + 2 * .pi * place.distance / stride, speed: place.speed)
        var bones = frame.legs(gait, figure) + frame.torso(figure) + frame.arms(gait, figure) + frame.head(figure)
        // The lower foot stands on the floor, which lifts and lowers the body as in real walking.
        let lowest = bones.map { min($0.from.y - $0.fromRadius, $0.to.y - $0.toRadius) }.min() ?? 0
        let ground = Vector(place.x, 0, place.z), lift = ground - Vector(0, lowest, 0)
        for index in bones.indices {
            bones[index].from += lift
            bones[index].to += lift
        }
        (self.bones, self.ground, self.height, self.facing) = (bones, ground, figure.height, facing)
    }
}

/// The body's own axes. Lengths are shares of the body height, in the proportions of Drillis and Contini, "Body Segment
/// Parameters", 1966.
private struct Frame {
    let unit, breadth: Float
    let facing, side: Vector

    /// `across` to the person's right, `up`, `ahead`: shares of the height.
    func point(_ across: Float, _ up: Float, _ ahead: Float = 0) -> Vector {
        side * (across * breadth) + Vector(0, up * unit, 0) + facing * (ahead * unit)
    }
    /// A limb of `length` hanging from a joint, swung forward by `angle` and outward by `spread`.
    func hanging(_ length: Float, _ angle: Float, spread: Float = 0) -> Vector {
        side * (spread * length * unit) + Vector(0, -cos(angle) * length * unit, 0)
            + facing * (sin(angle) * length * unit)
    }

    func legs(_ gait: Gait, _ figure: Figure) -> [Bone] {
        var bones: [Bone] = []
        for leg in 0..<2 {
            let outward: Float = leg == 0 ? -1 : 1
            let hip = point(0.050 * outward, 0.52)
            let knee = hip + hanging(0.245, gait.hip[leg], spread: 0.05 * outward)
            let shin = gait.hip[leg] - gait.knee[leg]
            let ankle = knee + hanging(0.235, shin)
            let toe = ankle + hanging(0.105, shin * 0.7 + 1.35) + point(0.015 * outward, -0.012)
            let lower: Bone.Material = figure.legs == .trousers ? .bottom : .skin
            bones.append(Bone(.bottom, hip, 0.058 * breadth, knee, 0.038 * breadth))
            bones.append(
                Bone(lower, knee, 0.037 * breadth, ankle, lower == .bottom ? 0.029 * breadth : 0.022 * breadth))
            bones.append(Bone(.shoes, ankle - Vector(0, 0.012 * unit, 0), 0.026 * unit, toe, 0.020 * unit))
            if figure.legs == .skirt {
                let hem = mix(hip, knee, 0.85)
                bones.append(Bone(.bottom, hip, 0.068 * breadth, hem, 0.070 * breadth))
            }
            if figure.hasCoat {
                let hem = mix(hip, knee, 0.55)
                bones.append(Bone(.top, hip + Vector(0, 0.05 * unit, 0), 0.066 * breadth, hem, 0.070 * breadth))
            }
        }
        return bones
    }

    func torso(_ figure: Figure) -> [Bone] {
        var bones: [Bone] = []
        for outward: Float in [-1, 1] {
            bones.append(
                Bone(
                    figure.hasCoat ? .top : .bottom, point(0.040 * outward, 0.525), 0.062 * breadth,
                    point(0.036 * outward, 0.57),
                    0.058 * breadth))
            bones.append(
                Bone(
                    .top, point(0.034 * outward, 0.585), 0.062 * breadth, point(0.055 * outward, 0.745), 0.066 * breadth
                ))
            bones.append(
                Bone(
                    .top, point(0.055 * outward, 0.745), 0.066 * breadth, point(0.075 * outward, 0.80), 0.043 * breadth)
            )
            if figure.backpack != nil {
                bones.append(
                    Bone(
                        .bag, point(0.035 * outward, 0.63, -0.085), 0.060 * unit, point(0.03 * outward, 0.77, -0.08),
                        0.055 * unit))
            }
        }
        if figure.hasCoat {  // closes the gap between the two sides of the coat
            bones.append(Bone(.top, point(0, 0.56), 0.066 * breadth, point(0, 0.40), 0.075 * breadth))
        }
        bones.append(Bone(.top, point(-0.095, 0.803), 0.036 * breadth, point(0.095, 0.803), 0.036 * breadth))
        bones.append(Bone(.skin, point(0, 0.82), 0.033 * unit, point(0, 0.875, 0.008), 0.031 * unit))
        return bones
    }

    func arms(_ gait: Gait, _ figure: Figure) -> [Bone] {
        var bones: [Bone] = []
        for arm in 0..<2 {
            let outward: Float = arm == 0 ? -1 : 1
            let shoulder = point(0.112 * outward, 0.793)
            let elbow = shoulder + hanging(0.172, gait.shoulder[arm], spread: 0.16 * outward)
            let forearm = gait.shoulder[arm] + gait.elbow[arm]
            let wrist = elbow + hanging(0.145, forearm, spread: 0.04 * outward)
            let fingers = wrist + hanging(0.062, forearm, spread: -0.05 * outward)
            bones.append(Bone(.top, shoulder, 0.035 * breadth, elbow, 0.028 * breadth))
            bones.append(
                Bone(figure.hasShortSleeves ? .skin : .top, elbow, 0.027 * breadth, wrist, 0.020 * breadth))
            bones.append(Bone(.skin, wrist, 0.019 * unit, fingers, 0.017 * unit))
        }
        return bones
    }

    func head(_ figure: Figure) -> [Bone] {
        var bones = [Bone(.skin, point(0, 0.900, 0.014), 0.044 * unit, point(0, 0.942, 0.002), 0.052 * unit)]
        switch figure.hair {
        case .bald: break
        case .short:
            bones.append(Bone(.hair, point(0, 0.935, -0.020), 0.046 * unit, point(0, 0.955, -0.006), 0.051 * unit))
        case .long:
            bones.append(Bone(.hair, point(0, 0.945, -0.012), 0.058 * unit, point(0, 0.85, -0.036), 0.045 * unit))
        case .cap:
            bones.append(Bone(.hair, point(0, 0.950, -0.004), 0.055 * unit, point(0, 0.955, 0.010), 0.052 * unit))
            bones.append(Bone(.hair, point(0, 0.945, 0.045), 0.020 * unit, point(0, 0.940, 0.070), 0.014 * unit))
        }
        return bones
    }
}
