/// Which of the bundled person detectors looks at a stream's frames. An analytic that names none takes the one of the
/// daemon's settings.
public enum DetectorModel: String, Hashable, Sendable, CaseIterable {
    /// For many streams on few cores, and people who are not far away.
    case fast
    /// Finds smaller and half-hidden people, for three to four times the work.
    case accurate
    /// `accurate` over parts of the frame at its own resolution too, for few frames and many small people: as many times the work as there
    /// are parts.
    case precise

    /// The one whose network it looks with.
    public var network: DetectorModel { isInTiles ? .accurate : self }
    /// Whether it looks at parts of the frame beside the whole.
    public var isInTiles: Bool { self == .precise }
}
