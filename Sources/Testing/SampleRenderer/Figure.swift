/// How one person looks.
struct Figure: Sendable {
    enum Hair: Sendable { case short, long, bald, cap }
    enum Legs: Sendable { case trousers, skirt, shorts }

    /// Metres.
    var height: Float
    /// 1 is slim; 1.2 is stout.
    var build: Float = 1
    var top: Vector
    var bottom: Vector
    var skin: Vector
    var hairColor: Vector
    var shoes = Vector(0.03, 0.03, 0.035)
    var hair = Hair.short
    var legs = Legs.trousers
    /// Reaches to mid-thigh.
    var hasCoat = false
    var hasShortSleeves = false
    /// The colour of a backpack.
    var backpack: Vector?
    /// Where in the step this person starts, so that two people do not march; radians.
    var phase: Float = 0
}
