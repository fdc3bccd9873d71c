public import Addresses
public import Records

/// Everything an operator may tune about how reports reach callbacks.
public struct CallbackConfiguration: Hashable, Sendable {
    /// Where receivers may be. Private networks are not allowed by themselves: whoever registers a stream would reach what stands
    /// beside the daemon.
    public var network: NetworkPolicy
    /// Whether the certificates of `https` receivers are verified.
    public var verifiesCertificates = true
    /// Reports on their way at once.
    public var concurrency = 64
    /// Of these, to one receiver: a slow one leaves room for the others. Lanes that failed hold half of both at most.
    public var receiverConcurrency = 8
    /// Dead letters are removed so many days after they became due.
    public var deadLetterDays = 30

    /// Connections that wait for the next report to the same receiver.
    static let keptConnections = 32
    /// Files that are open at once.
    public var descriptors: Int { concurrency + Self.keptConnections }

    public init() {
        network = NetworkPolicy()
        network.allowsPrivateNetworks = false
    }

    /// The key of the setting that allows further networks; refusals name it.
    public static let networksKey = "callbacks.allowed_networks"

    /// Why nobody can be called, for whoever reads it; holds no address.
    static func sentence(_ error: AddressError, networksKey: String = networksKey) -> String {
        switch error {
        case .notAllowed(let kind):
            "The receiver has \(kind.phrase), which the setting '\(networksKey)' does not allow"
        case .unknownHost: "The receiver's name has no address"
        case .cannotConnect: "The receiver cannot be connected to"
        }
    }

    public static let settings: [Setting<CallbackConfiguration>] = [
        Setting(
            networksKey, \.network.allowed, separator: ",", wanted: "networks such as 10.0.0.0/8 or fd00::/8",
            parse: { NetworkRange($0) }, show: \.description),
        Setting("callbacks.verify_certificates", \.verifiesCertificates),
        Setting("callbacks.concurrency", \.concurrency, in: 1...1024),
        Setting("callbacks.receiver_concurrency", \.receiverConcurrency, in: 1...1024),
        Setting("callbacks.dead_letter_days", \.deadLetterDays, in: 1...36_500),
    ]
}
