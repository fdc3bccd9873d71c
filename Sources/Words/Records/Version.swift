/// The version of Sightline, as in `CHANGELOG.md`.
public struct Version: Hashable, Sendable, CustomStringConvertible {
    public let major, minor, patch: Int64
    public static let current = Version(major: 0, minor: 1, patch: 0)
    public var description: String { "\(major).\(minor).\(patch)" }
}
