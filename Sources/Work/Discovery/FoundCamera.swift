/// What answered.
public struct FoundCameras: Hashable, Sendable {
    /// By address.
    public let cameras: [FoundCamera]
    /// `false`: more answered than are told.
    public let isComplete: Bool
}

/// A device that answered, and what it told of itself. All of it is what the device says; texts are short, and hold nothing that a terminal
/// would take for a command.
public struct FoundCamera: Hashable, Sendable {
    /// Whether it wants to know who asks.
    public enum Access: String, CaseIterable, Sendable {
        /// It told everything to nobody in particular.
        case open
        /// It wants a login and a password, and was given none.
        case wanted
        /// It did not take those that were given.
        case refused
        case accepted
    }
    /// One way in which it sends what it sees.
    public struct Profile: Hashable, Sendable {
        public let token: String
        public var name: String?
        public var codec: String?
        public var width: Int?
        public var height: Int?
        public var frameRate: Double?
        /// Without credentials.
        public var stream: String?
        public var snapshot: String?
    }

    /// From which it answered.
    public let address: String
    /// Where it is asked over HTTP.
    public var service: String?
    public var name: String?
    public var hardware: String?
    public var manufacturer: String?
    public var firmware: String?
    /// `nil`: it was not asked, or did not answer.
    public var access: Access?
    /// The one with the most pixels first: the main stream, the second, …
    public var profiles: [Profile] = []
    /// What was wrong with its answers.
    public var problem: String?

    init(address: String) { self.address = address }
}
