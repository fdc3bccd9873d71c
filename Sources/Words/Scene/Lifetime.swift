/// How long something that is stored is kept: `ttl` on the wire, in days.
public struct Lifetime: Hashable, Sendable {
    /// Those that can be asked for; -1: for ever.
    public static let choices = [1, 2, 3, 4, 5, 6, 7, 14, 30, 60, 90, 180, 365, -1]
    public static let forever = Lifetime(unchecked: -1)

    /// -1: for ever.
    public let days: Int
    /// `nil` for what is none of `choices`.
    public init?(days: Int) {
        guard Self.choices.contains(days) else { return nil }
        self.days = days
    }
    private init(unchecked days: Int) { self.days = days }

    /// In seconds; `nil`: for ever.
    public var seconds: Int? { days < 0 ? nil : days * 86_400 }
}
