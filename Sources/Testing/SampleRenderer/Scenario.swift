/// A sample: who walks where, and for how long the camera looks.
struct Scenario: Sendable {
    struct Person: Sendable {
        var figure: Figure
        var walk: Walk
    }

    let name: String
    let summary: String
    /// Seconds.
    let duration: Float
    /// Identity in the ground truth is the position plus one.
    let people: [Person]

    static let all = [lobby, empty]

    static let lobby = Scenario(
        name: "lobby", summary: "eight people cross a hall, alone and in pairs", duration: 36,
        people: [
            Person(
                figure: Figure(
                    height: 1.78, build: 1.05, top: Palette.navy, bottom: Palette.denim, skin: Palette.fair,
                    hairColor: Palette.darkBrown),
                walk: Walk(start: 1.0, speed: 1.25, [.init(-7.0, 8.6), .init(0.5, 8.2), .init(6.9, 7.6)])),
            Person(
                figure: Figure(
                    height: 1.66, build: 0.95, top: Palette.red, bottom: Palette.black, skin: Palette.fair,
                    hairColor: Palette.blond, hair: .long, phase: 1.7),
                walk: Walk(
                    start: 4.0, speed: 1.2,
                    [.init(4.4, 14.8), .init(2.7, 14.2), .init(2.4, 11), .init(0.2, 6.5), .init(-0.6, 2.0)])),
            Person(
                figure: Figure(
                    height: 1.83, build: 1.15, top: Palette.grey, bottom: Palette.khaki, skin: Palette.brown,
                    hairColor: Palette.black, phase: 0.6),
                walk: Walk(
                    start: 7.5, speed: 1.3, [.init(7.6, 10.2), .init(-0.9, 10.6, pause: 4), .init(-8.0, 10.2)])),
            Person(
                figure: Figure(
                    height: 1.70, build: 1.0, top: Palette.white, bottom: Palette.navy, skin: Palette.tan,
                    hairColor: Palette.black, hair: .long, legs: .skirt, phase: 2.4),
                walk: Walk(
                    start: 12.5, speed: 1.15,
                    [.init(-6.2, 7.0), .init(-1.0, 7.8), .init(2.5, 11.5), .init(2.7, 14.2), .init(0.9, 14.9)])),
            Person(
                figure: Figure(
                    height: 1.80, build: 1.05, top: Palette.green, bottom: Palette.charcoal, skin: Palette.fair,
                    hairColor: Palette.darkBrown, hair: .cap, backpack: Palette.black, phase: 4.0),
                walk: Walk(
                    start: 13.1, speed: 1.15,
                    [.init(-6.4, 6.1), .init(-0.6, 6.9), .init(3.1, 11.2), .init(3.2, 14.2), .init(5.2, 14.9)])),
            Person(
                figure: Figure(
                    height: 1.74, build: 1.2, top: Palette.beige, bottom: Palette.charcoal, skin: Palette.tan,
                    hairColor: Palette.silver, hasCoat: true, phase: 5.1),
                walk: Walk(
                    start: 19.0, speed: 1.05, [.init(1.2, 2.0), .init(1.0, 6.0), .init(-2.2, 10.0), .init(-8.2, 11.4)])),
            Person(
                figure: Figure(
                    height: 1.62, build: 0.95, top: Palette.teal, bottom: Palette.denim, skin: Palette.brown,
                    hairColor: Palette.black, hasShortSleeves: true, phase: 3.3),
                walk: Walk(start: 21.5, speed: 1.5, [.init(6.4, 7.2), .init(0, 7.0), .init(-6.4, 6.8)])),
            Person(
                figure: Figure(
                    height: 1.76, build: 1.0, top: Palette.black, bottom: Palette.denim, skin: Palette.fair,
                    hairColor: Palette.black, hair: .short, backpack: Palette.red, phase: 0.2),
                walk: Walk(
                    start: 24.0, speed: 1.3,
                    [.init(1.0, 14.9), .init(2.7, 14.2), .init(2.6, 10.5), .init(5.2, 7.6), .init(7.4, 6.8)])),
        ])

    static let empty = Scenario(name: "empty", summary: "the same hall with nobody in it", duration: 8, people: [])
}

/// Colours of cloth, skin and hair; linear.
private enum Palette {
    static let navy = Vector(0.030, 0.050, 0.130)
    static let denim = Vector(0.070, 0.110, 0.200)
    static let black = Vector(0.020, 0.020, 0.022)
    static let charcoal = Vector(0.050, 0.050, 0.055)
    static let grey = Vector(0.190, 0.195, 0.200)
    static let silver = Vector(0.330, 0.330, 0.330)
    static let white = Vector(0.720, 0.710, 0.690)
    static let red = Vector(0.380, 0.045, 0.050)
    static let green = Vector(0.060, 0.170, 0.090)
    static let teal = Vector(0.050, 0.280, 0.300)
    static let beige = Vector(0.420, 0.320, 0.200)
    static let khaki = Vector(0.200, 0.160, 0.090)
    static let fair = Vector(0.600, 0.370, 0.270)
    static let tan = Vector(0.420, 0.240, 0.150)
    static let brown = Vector(0.190, 0.095, 0.055)
    static let blond = Vector(0.160, 0.095, 0.040)
    static let darkBrown = Vector(0.055, 0.033, 0.020)
}
