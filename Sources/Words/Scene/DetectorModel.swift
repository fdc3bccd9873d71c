/// Which of the bundled person detectors looks at a stream's frames. An analytic that names none takes the one of the
/// daemon's settings.
public enum DetectorModel: String, Hashable, Sendable, CaseIterable {
    /// For many streams on few cores, and people who are not far away.
    case fast
    /// Finds smaller and half-hidden people, for three to four times the work.
    case accurate
}
