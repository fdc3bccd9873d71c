public import Records

/// Takes a letter to its receiver and brings back what that said. Implementations: HTTP, MQTT, one for
/// all kinds, a test's.
public protocol Postman: Sendable {
    /// - Returns: `nil` when the task was cancelled: nobody knows whether the receiver has it.
    func post(_ letter: Letter) async -> Answer?
}

/// Hands each letter to who takes letters of its kind.
public struct Postmen: Postman {
    private let http: HTTPPostman
    private let mqtt: MQTTPostman
    public init(_ configuration: CallbackConfiguration) {
        (http, mqtt) = (HTTPPostman(configuration), MQTTPostman(configuration))
    }
    public func post(_ letter: Letter) async -> Answer? {
        letter.callback?.kind == .mqtt ? await mqtt.post(letter) : await http.post(letter)
    }
}

/// What a receiver said to a letter.
public enum Answer: Hashable, Sendable {
    /// - Parameter retryAfter: how long it wants to be left in peace.
    case status(Int, retryAfter: Duration? = nil)
    /// It could not be asked; the sentence says why, and holds no secret.
    case unreachable(String)
    /// It can never be asked.
    case impossible(String)
}
