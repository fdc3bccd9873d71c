import JSON
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
    private let links: ImageLinks
    public init(http: HTTPPostman, mqtt: MQTTPostman, links: ImageLinks) {
        (self.http, self.mqtt, self.links) = (http, mqtt, links)
    }
    public func post(_ letter: Letter) async -> Answer? {
        var letter = letter
        if letter.callback?.imageLinks == .signed {
            do { letter.body = JSONText(try await links.signed(letter.body.value)) } catch {
                return Task.isCancelled ? nil : .unreachable("The links to its pictures cannot be signed at the moment")
            }
        }
        return letter.callback?.kind == .mqtt ? await mqtt.post(letter) : await http.post(letter)
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
