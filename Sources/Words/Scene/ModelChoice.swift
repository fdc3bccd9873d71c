/// What somebody wants to look at frames with.
public enum ModelChoice: Hashable, Sendable {
    /// A model that finds people, whole bodies; `nil`: the one of the daemon's settings.
    case people(DetectorModel?)
    /// The model that finds faces.
    case faces
    /// The model that says where the five points of a known face are.
    case facePoints
    /// Another model that finds faces, and sees some that the first does not, such as profiles, at several times the price.
    case facesAgain
}
