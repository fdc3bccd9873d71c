/// What is looked for, and where.
public struct CameraSearch: Hashable, Sendable {
    /// Network interfaces to ask on, by name or by their address.
    public var interfaces: [String] = []
    /// Devices that are asked by themselves: a name or an IPv4 address, with a port where it is not the usual one. With neither these nor
    /// interfaces, every interface that multicasts is asked on.
    public var addresses: [String] = []
    /// For how long answers are waited for.
    public var wait: Duration = .seconds(3)
    /// For devices that want to know who asks.
    public var credentials: CameraCredentials?
    public init() {}

    public static let interfaceLimit = 16
    public static let addressLimit = 64
    /// Seconds.
    public static let waits: ClosedRange<Double> = 0.1...10
}

public struct CameraCredentials: Hashable, Sendable {
    public let login, password: String
    public init(login: String, password: String) { (self.login, self.password) = (login, password) }
}

/// Why nothing was looked for: which part of the search is to blame, and a sentence.
public struct CameraSearchError: Error, Hashable, CustomStringConvertible {
    public enum Part: String, Sendable { case interfaces, addresses }
    public let part: Part
    public let description: String
}
